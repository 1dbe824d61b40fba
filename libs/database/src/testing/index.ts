export { copyEmptyDatabase, openTemporaryDatabase } from './open-temporary-database.ts';
