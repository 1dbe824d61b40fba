import type { GetObjectCommandOutput } from '@aws-sdk/client-s3';
import { contentTypeOfKey } from '../content-type-of-key.ts';
import type { ObjectInfo } from '../object-store.ts';

/** What an answer says of an object. */
type Described = Pick<GetObjectCommandOutput, 'ETag' | 'ContentType' | 'LastModified'>;

export function infoOf(key: string, { ETag, ContentType, LastModified }: Described, sizeBytes: number): ObjectInfo {
  const contentType = ContentType ?? contentTypeOfKey(key);
  return { key, sizeBytes, etag: unquote(ETag), contentType, modifiedAt: LastModified?.getTime() ?? 0 };
}

/** Size of the whole object, of which an answer holds a part. */
export function sizeOf({ ContentRange, ContentLength }: GetObjectCommandOutput): number {
  const total = /\/(\d+)$/.exec(ContentRange ?? '')?.[1];
  return total === undefined ? (ContentLength ?? 0) : Number(total);
}

/** An etag without its quotes, as the port has it. */
export function unquote(etag: string | undefined): string {
  return (etag ?? '').replace(/^W\//, '').replaceAll('"', '');
}
