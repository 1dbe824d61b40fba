export { isConnectionError } from './connection-error.ts';
export { Database } from './database.ts';
export * from './entities/index.ts';
export { FolderLockedError, lockFolder, type LockedThing } from './embedded/folder-lock.ts';
export { DatabaseBusyError } from './embedded/pglite-server.ts';
export { inTransaction } from './in-transaction.ts';
export { migrateDatabase, openDatabase, type OpenDatabaseOptions } from './open-database.ts';
export { DatabaseConnectError } from './when-reachable.ts';
