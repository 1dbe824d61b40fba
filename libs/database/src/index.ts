export { Database } from './database.ts';
export * from './entities/index.ts';
export { FolderLockedError } from './embedded/folder-lock.ts';
export { DatabaseBusyError } from './embedded/pglite-server.ts';
export { openDatabase, type OpenDatabaseOptions } from './open-database.ts';
