import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { servicePaths } from '../setup/service-programs.mjs';
import { postgresPrograms } from './postgres/postgres-server.ts';
import type { ServiceName } from './services-state.ts';

const remedy = 'npm run services -- start says what to install';

/** Why each of the services that cannot be had on this machine is absent; the others are not named. */
export function findAbsent(): Partial<Record<ServiceName, string>> {
  const absent: Partial<Record<ServiceName, string>> = {};
  const java = spawnSync('java', ['-version']).status === 0 ? undefined : `no Java on this machine: ${remedy}`;
  const kafka = java ?? whenMissing(servicePaths.kafkaJars, 'Kafka was not fetched');
  const s3 = java ?? whenMissing(servicePaths.s3proxyJar, 's3proxy was not fetched');
  const s3Strict = whenMissing(servicePaths.versitygw, 'versitygw was not built, which takes Go 1.25 or newer');
  const postgres = whenMissing(join(postgresPrograms, 'postgres'), 'no PostgreSQL 15 on this machine');
  for (const [name, reason] of Object.entries({ kafka, s3, s3Strict, postgres })) {
    if (reason !== undefined) absent[name as ServiceName] = reason;
  }
  return absent;
}

function whenMissing(path: string, reason: string): string | undefined {
  return existsSync(path) ? undefined : `${reason}: ${remedy}`;
}
