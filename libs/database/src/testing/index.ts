export { openTemporaryDatabase } from './open-temporary-database.ts';
export { copyTemplate } from './template.ts';
