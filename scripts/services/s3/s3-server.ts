import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateBucketCommand, HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { ServerProcess } from '../server-process.ts';
import type { Service, ServiceContext } from '../service.ts';
import type { S3State } from '../services-state.ts';
import type { S3Make } from './s3-make.ts';

/** An S3 server with one bucket. */
export class S3Server implements Service {
  readonly settings: Readonly<S3State>;
  readonly #make: S3Make;
  readonly #state: S3State;
  readonly #folder: string;
  readonly #process: ServerProcess;

  constructor(make: S3Make, state: S3State, context: ServiceContext) {
    this.settings = state;
    this.#make = make;
    this.#state = state;
    this.#folder = join(context.folder, make.name);
    this.#process = new ServerProcess(
      {
        name: `S3 server ${make.name}`,
        command: make.command,
        args: make.args(state, this.#folder),
        env: make.env?.(state) ?? {},
        logFile: join(this.#folder, 'log.txt'),
        stopSignal: 'SIGTERM',
        ...context,
        folder: this.#folder,
      },
      state,
    );
  }

  get address(): string {
    return `${this.settings.endpoint}/${this.settings.bucket}`;
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get isRunning(): boolean {
    return this.#process.isRunning;
  }

  /** Resolves when a signed request was answered and the bucket is there. */
  async start(): Promise<void> {
    if (!this.isRunning) {
      await mkdir(join(this.#folder, 'objects'), { recursive: true });
      await this.#make.prepare?.(this.#state, this.#folder);
      await this.#process.start();
    }
    const { endpoint, region, accessKeyId, secretAccessKey, bucket } = this.#state;
    const credentials = { accessKeyId, secretAccessKey };
    const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true, maxAttempts: 1 });
    try {
      await this.#process.whenReady(async () => {
        const found = await client.send(new HeadBucketCommand({ Bucket: bucket })).catch(() => undefined);
        if (!found) await client.send(new CreateBucketCommand({ Bucket: bucket }));
      });
    } finally {
      client.destroy();
    }
  }

  stop(): Promise<void> {
    return this.#process.stop();
  }

  kill(): Promise<void> {
    return this.#process.kill();
  }
}
