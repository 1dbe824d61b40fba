import { expect, it } from 'vitest';
import { S3ObjectStore } from '@rushes/object-store/s3';
import { objectStoreOrigin } from './object-store-origin.ts';

it.each([
  ['AWS', { pathStyle: false }],
  ['another server', { pathStyle: true, endpoint: 'http://127.0.0.1:9000' }],
  ['another server with a name for each bucket', { pathStyle: false, endpoint: 'https://files.example' }],
  [
    'a server that browsers reach elsewhere',
    { pathStyle: true, endpoint: 'http://s3:9000', publicEndpoint: 'https://files.example' },
  ],
])('is where presigned URLs of %s lead', async (_, settings) => {
  process.env.AWS_ACCESS_KEY_ID ??= 'for-the-signature';
  process.env.AWS_SECRET_ACCESS_KEY ??= 'for-the-signature';
  const s3 = { bucket: 'meetings', region: 'eu-central-1', ...settings };
  const store = new S3ObjectStore(s3);
  const url = await store.presignedUrl('recordings/r1/manifest.json', { ttlSeconds: 60 });
  store.close();
  expect(objectStoreOrigin(s3)).toBe(new URL(url).origin);
});
