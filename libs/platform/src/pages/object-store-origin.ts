import type { Config } from '../config/config.ts';

/** Where browsers reach the bucket: what presigned URLs begin with. */
export function objectStoreOrigin({ bucket, region, endpoint, publicEndpoint, pathStyle }: Config['s3']): string {
  const { protocol, host } = new URL(publicEndpoint ?? endpoint ?? `https://s3.${region}.amazonaws.com`);
  return `${protocol}//${pathStyle ? host : `${bucket}.${host}`}`;
}
