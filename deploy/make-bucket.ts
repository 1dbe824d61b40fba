import { CreateBucketCommand, HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { loadConfig } from '../libs/platform/src/config/config.ts';

/** Makes the bucket that the configuration names, unless it is there: for an S3 server that starts empty. */
const { bucket, region, endpoint, pathStyle } = loadConfig(process.env).s3;
const client = new S3Client({ region, forcePathStyle: pathStyle, ...(endpoint && { endpoint }) });
const isThere = await client.send(new HeadBucketCommand({ Bucket: bucket })).then(
  () => true,
  (error: { $metadata?: { httpStatusCode?: number } }) => {
    if (error.$metadata?.httpStatusCode === 404) return false;
    throw error;
  },
);
if (!isThere) await client.send(new CreateBucketCommand({ Bucket: bucket }));
process.stdout.write(`bucket ${bucket}: ${isThere ? 'was there' : 'made'}\n`);
