export { openTemporaryDatabase } from './open-temporary-database.ts';
export { findPostgres, startPostgres, type PostgresServer } from './postgres-server.ts';
export { copyTemplate } from './template.ts';
