import type { Config } from './config.ts';

/** What a process with this configuration connects to, for its log: addresses and names, never a user or password. */
export function describeConnections(config: Config): { database: string; eventLog: string; objectStore: string } {
  const { databaseUrl, kafka, s3, dataDir } = config;
  return {
    database: databaseUrl === undefined ? `embedded in ${dataDir}` : withoutSecrets(databaseUrl),
    eventLog: config.eventLog === 'kafka' ? `kafka at ${kafka.brokers.join(', ')}` : 'embedded in the database',
    objectStore:
      config.objectStore === 's3'
        ? `s3 bucket ${s3.bucket} at ${s3.endpoint === undefined ? `AWS ${s3.region}` : withoutSecrets(s3.endpoint)}`
        : `files in ${dataDir}`,
  };
}

/** Protocol, host, port and path only: users and passwords may stand before the host, and passwords in the query. */
function withoutSecrets(address: string): string {
  const { protocol, host, pathname } = new URL(address);
  return `${protocol}//${host}${pathname === '/' ? '' : pathname}`;
}
