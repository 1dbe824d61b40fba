import { randomUUID } from 'node:crypto';
import { migrateDatabase, openDatabase } from '@rushes/database';
import { S3ObjectStore } from '@rushes/object-store/s3';
import { describeWith, postgresUrl, s3Settings } from '../../../test/fixtures/services.ts';
import { testFrozenWriter } from './testing/test-frozen-writer.ts';

describeWith(['postgres', 's3'], 'On real services', () => {
  testFrozenWriter('PostgreSQL and S3', async () => {
    const { accessKeyId, secretAccessKey, ...place } = await s3Settings();
    const credentials = { accessKeyId, secretAccessKey };
    const objectStore = new S3ObjectStore({ ...place, pathStyle: true, keyPrefix: randomUUID(), credentials });
    const url = await postgresUrl();
    await migrateDatabase({ url });
    const database = await openDatabase({ url });
    return {
      database,
      objectStore,
      async dispose() {
        await database.close();
        objectStore.close();
      },
    };
  });
});
