import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { servicePaths } from '../setup/service-programs.mjs';
import { postgresPrograms } from './postgres/postgres-server.ts';
import type { ServiceName } from './services-state.ts';

/** Programs that tests run beside the services. */
export const toolPaths = {
  haproxy: '/usr/sbin/haproxy',
  kcat: '/usr/bin/kcat',
  dockerCompose: '/usr/bin/docker-compose',
  hadolint: servicePaths.hadolint,
} as const;
export type ToolName = keyof typeof toolPaths;

/** Why each of those that cannot be had on this machine is absent; the others are not named. */
export type Absences = Partial<Record<ServiceName | ToolName, string>>;

const java = '/usr/bin/java';

/** Files without which a service or a tool is absent, and what that means. */
const neededFiles: Record<ServiceName | ToolName, Record<string, string>> = {
  kafka: { [java]: 'no Java 17', [servicePaths.kafkaJars]: 'Kafka was not fetched' },
  s3: { [java]: 'no Java 17', [servicePaths.s3proxyJar]: 's3proxy was not fetched' },
  s3Strict: { [servicePaths.versitygw]: 'versitygw was not built, which takes Go 1.25 or newer' },
  postgres: { [join(postgresPrograms, 'postgres')]: 'no PostgreSQL 15' },
  haproxy: { [toolPaths.haproxy]: 'no HAProxy' },
  kcat: { [toolPaths.kcat]: 'no kcat' },
  dockerCompose: { [toolPaths.dockerCompose]: 'no docker-compose' },
  hadolint: { [toolPaths.hadolint]: 'hadolint was not fetched' },
};

export function findAbsent(): Absences {
  const absent: Absences = {};
  for (const [name, files] of Object.entries(neededFiles)) {
    const missing = Object.entries(files).find(([path]) => !existsSync(path));
    if (missing) absent[name as keyof Absences] = `${missing[1]} on this machine; npm run setup brings it`;
  }
  return absent;
}
