import { migrateDatabase } from '../open-database.ts';

/** A process that migrates the database at the URL given and writes the names of the migrations that it ran, as JSON. */
process.stdout.write(JSON.stringify(await migrateDatabase({ url: process.argv[2] ?? '' })));
