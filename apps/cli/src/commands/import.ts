import { Command } from 'commander';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Database } from '@rushes/database';
import { Importer, planImport, type FileReport, type Imported } from '@rushes/imports';
import { ObjectStore } from '@rushes/object-store';
import {
  createLogger,
  EventPublishers,
  HOLDER_ID,
  LOGGER,
  PlatformModule,
  RecordingRows,
  type Config,
  type Logger,
} from '@rushes/platform';
import { TimelineWriter, TimelineWriterModule } from '@rushes/timeline-writer';
import { setTimeout as pause } from 'node:timers/promises';
import { readConfig } from '../installation.ts';
import { existingFolder } from '../parse-arguments.ts';
import { print, printJson, printTable } from '../print.ts';
import { uploadFolder } from '../upload-folder.ts';

/** How long the services of an installation may take to complete a recording. */
const completionMs = 60_000;

/** `rushes import <folder>` */
export function importCommand(): Command {
  return new Command('import')
    .description('make a recording of files that were recorded elsewhere (docs/import.md)')
    .argument('<folder>', 'holds the files and, if need be, import.json, which says what they are', existingFolder)
    .option('--url <url>', 'of a service that runs: the files are uploaded to it, with the key in RUSHES_API_KEY')
    .option('--json', 'print what became of each file as JSON')
    .action(async (folder: string, options: { url?: string; json?: true }) => {
      const imported = options.url === undefined ? await importHere(folder) : await uploadFolder(folder, options.url);
      const { recordingId, files } = imported;
      if (options.json) printJson(imported);
      else {
        printTable(['file', 'outcome', 'what'], files.map(row));
        print(`\nrecording ${recordingId}`);
      }
      const problems = files.flatMap(({ file, outcome, problems }) =>
        outcome === 'ignored' ? [] : problems.map((problem) => `${file}: ${problem}`),
      );
      if (problems.length > 0) throw new PartlyImportedError(problems);
    });
}

/** The recording stands, and something in the files could not be taken. */
class PartlyImportedError extends Error {
  readonly code = 'partly-imported';
  readonly retriable = false;

  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
  }
}

async function importHere(folder: string): Promise<Imported> {
  const config = readConfig();
  const plan = await planImport(folder, Date.now());
  // Standard output is for what was asked for.
  const logger = createLogger({ logLevel: 'warn', logFormat: 'json' }, process.stderr);
  const quiet = { logger: false, bodyParser: false, abortOnError: false } as const;
  // An application that never listens: the parts of the platform expect to be in one.
  const app = await NestFactory.create(installationModule(config, logger), quiet).catch(adviseUpload);
  try {
    await app.init();
    const [database, publishers] = [app.get(Database), app.get(EventPublishers)];
    const parts = { database, store: app.get<ObjectStore>(ObjectStore), publisher: publishers.create('import') };
    const importer = new Importer({ ...parts, logger: app.get<Logger>(LOGGER), holderId: app.get<string>(HOLDER_ID) });
    const imported = await importer.run(plan);
    if (isAlone(config)) await app.get(TimelineWriter).whenWritten();
    else await whenComplete(database, imported.recordingId);
    return imported;
  } finally {
    await app.close();
  }
}

/** A service that runs on the embedded database has it to itself, and takes uploads. */
function adviseUpload(error: Error & { code?: string }): never {
  if (error.code !== 'folder-locked') throw error;
  throw Object.assign(new Error(`${error.message} Or upload the files to the service that runs, by --url.`), {
    code: error.code,
    cause: error,
  });
}

/** An embedded database belongs to one process: no service can be there to write the timeline. */
function isAlone(config: Config): boolean {
  return config.databaseUrl === undefined;
}

function installationModule(config: Config, logger: Logger) {
  @Module({
    imports: [PlatformModule.forRoot(config, logger), ...(isAlone(config) ? [TimelineWriterModule.forRoot()] : [])],
  })
  class InstallationModule {}
  return InstallationModule;
}

async function whenComplete(database: Database, recordingId: string): Promise<void> {
  const rows = new RecordingRows(database);
  for (let waitedMs = 0; waitedMs < completionMs; waitedMs += 500) {
    if ((await rows.find(recordingId))?.status !== 'processing') return;
    await pause(500);
  }
  process.stderr.write(`${recordingId} is imported, and is ready when a timeline-writer has read its events\n`);
}

function row({ file, outcome, tracks, events }: FileReport): string[] {
  const parts = tracks.map(({ source, codec, startMs, durationMs, isTranscoded }) => {
    const seconds = `${Math.max(0, startMs / 1000).toFixed(1)} to ${((startMs + durationMs) / 1000).toFixed(1)} s`;
    return `${source} ${codec}${isTranscoded ? ' (encoded anew)' : ''} ${seconds}`;
  });
  return [file, outcome, [...parts, ...(events > 0 ? [`${events} event${events === 1 ? '' : 's'}`] : [])].join(', ')];
}
