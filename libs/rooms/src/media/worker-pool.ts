import { createWorker, type types as mediasoup } from 'mediasoup';
import type { Config, Logger } from '@rushes/platform';
import { findWorkerBinary } from './worker-binary.ts';

export type WorkerPoolOptions = {
  config: Pick<Config, 'rtcHost' | 'rtcPortMin' | 'rtcPortMax' | 'announcedAddress'>;
  logger: Logger;
  /** Processes; rooms are spread over them. */
  size: number;
};

/** A worker process and the one server (two ports: UDP and TCP) that all its transports share. */
export type MediaWorker = { worker: mediasoup.Worker; webRtcServer: mediasoup.WebRtcServer };

/** mediasoup's worker processes. Started when first needed; one that died is replaced when next needed. */
export class WorkerPool {
  readonly #slots: (Promise<MediaWorker> | undefined)[];
  #next = 0;
  #isClosed = false;

  constructor(private readonly options: WorkerPoolOptions) {
    this.#slots = new Array<Promise<MediaWorker> | undefined>(options.size).fill(undefined);
  }

  /**
   * The worker whose turn it is.
   * @throws Error when the binary is missing or no port of the configured range is free.
   */
  async takeWorker(): Promise<MediaWorker> {
    if (this.#isClosed) throw new Error('worker pool: closed');
    const slot = this.#next++ % this.#slots.length;
    const running = (this.#slots[slot] ??= this.#startWorker(slot));
    try {
      return await running;
    } catch (error) {
      if (this.#slots[slot] === running) this.#slots[slot] = undefined;
      throw error;
    }
  }

  /** Ends the worker processes. Idempotent. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const running = this.#slots.splice(0).filter((slot) => slot !== undefined);
    for (const result of await Promise.allSettled(running)) {
      if (result.status === 'fulfilled') result.value.worker.close();
    }
  }

  async #startWorker(slot: number): Promise<MediaWorker> {
    const { config, logger } = this.options;
    const worker = await createWorker({ workerBin: findWorkerBinary(), logLevel: 'warn' });
    worker.on('died', (error) => {
      logger.error({ err: error, workerPid: worker.pid }, 'media worker died');
      this.#slots[slot] = undefined;
    });
    try {
      const webRtcServer = await worker.createWebRtcServer({ listenInfos: listenInfos(config) });
      return { worker, webRtcServer };
    } catch (error) {
      worker.close();
      throw error;
    }
  }
}

/** TCP as well as UDP: some networks let no UDP through. */
function listenInfos(config: WorkerPoolOptions['config']): mediasoup.TransportListenInfo[] {
  return (['udp', 'tcp'] as const).map((protocol) => ({
    protocol,
    ip: config.rtcHost,
    portRange: { min: config.rtcPortMin, max: config.rtcPortMax },
    ...(config.announcedAddress === undefined ? {} : { announcedAddress: config.announcedAddress }),
  }));
}
