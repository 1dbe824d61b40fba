import { monotonicEpochMs } from '@rushes/platform';
import type { TrackKind } from '@rushes/timeline';
import type { types as mediasoup } from 'mediasoup';
import type { Browser, Page } from 'puppeteer-core';
import { offeredCapabilities } from '../../libs/rooms/src/media/offered-capabilities.ts';
import { strip, type Voice } from '../content/signal.ts';
import type { PublisherPage, PublishOptions } from '../fixtures/publisher/page.ts';
import { serveEmptyPage, usualPublishing } from '../fixtures/publisher.ts';
import { bundleForBrowser } from '../fixtures/browser.ts';
import type { Attendee } from './attendee.ts';
import type { MediaClock } from './clock.ts';
import { openRelay, relayIp, type Relay } from './relay.ts';
import type { Trouble } from './trouble.ts';

export type BrowserSenderOptions = {
  browser: Browser;
  router: mediasoup.Router;
  voice: Voice;
  /** Of the relay that its packets go through. */
  seed: number;
  trouble: Trouble;
  publish: Partial<Omit<PublishOptions, 'look'>>;
};

declare const window: PublisherPage;

/** How often the page is asked how its sound keeps time, milliseconds. */
const clockEveryMs = 500;

/** A Chromium page that sends the clocked signal through a relay into the SFU. */
export class BrowserSender {
  private readonly zeros: { epochMs: number; zeroMs: number }[] = [];
  private timer: NodeJS.Timeout | undefined;
  private transport: mediasoup.WebRtcTransport | undefined;
  private relay: Relay | undefined;
  private readonly closing: (() => Promise<void>)[] = [];
  private onProducer: (producer: mediasoup.Producer) => void = () => undefined;

  private constructor(
    private readonly options: BrowserSenderOptions,
    readonly page: Page,
  ) {}

  static async open(options: BrowserSenderOptions): Promise<BrowserSender> {
    const pages = await serveEmptyPage();
    const page = await options.browser.newPage();
    await page.goto(pages.origin);
    const sender = new BrowserSender(options, page);
    sender.closing.push(
      () => page.close(),
      () => pages.close(),
    );
    await sender.expose();
    await page.addScriptTag({ content: await publisherScript() });
    return sender;
  }

  /** Sends, as `attendee`; resolves when the SFU has the tracks. */
  async join(attendee: Attendee): Promise<void> {
    const { voice, publish } = this.options;
    attendee.join();
    this.onProducer = (producer) => attendee.addProducer(producer);
    const usual = usualPublishing(voice);
    const look = { ...usual.look, keepsToMiddle: true };
    await this.page.evaluate((given) => window.publish(given), { ...usual, ...publish, look });
    if (!this.timer) {
      await this.noteZero();
      this.timer = setInterval(() => void this.noteZero(), clockEveryMs);
    }
  }

  async leave(attendee: Attendee): Promise<void> {
    attendee.leave();
    await this.page.evaluate(() => window.unpublish());
    this.transport?.close();
    await this.relay?.close();
    this.relay = undefined;
  }

  async pause(attendee: Attendee, kind: TrackKind): Promise<void> {
    await attendee.pause(kind);
    await this.page.evaluate((kind) => window.pauseTrack(kind), kind);
  }

  async resume(attendee: Attendee, kind: TrackKind): Promise<void> {
    await this.page.evaluate((kind) => window.resumeTrack(kind), kind);
    await attendee.resume(kind);
  }

  setHighestLayer(layer: number): Promise<void> {
    return this.page.evaluate((layer) => window.setHighestLayer(layer), layer);
  }

  setSize(width: number, height: number): Promise<void> {
    return this.page.evaluate((width, height) => window.setPictureSize(width, height), width, height);
  }

  standStill(ms: number): Promise<void> {
    return this.page.evaluate((ms) => window.standStill(ms), ms);
  }

  get clock(): MediaClock {
    const zeroAt = (epochMs: number): number => {
      const [first] = this.zeros;
      if (!first) throw new Error('the page has not begun its signal');
      let nearest = first;
      for (const each of this.zeros) {
        if (Math.abs(each.epochMs - epochMs) < Math.abs(nearest.epochMs - epochMs)) nearest = each;
      }
      return nearest.zeroMs;
    };
    return {
      periodMs: 2 ** strip.bits,
      msPerCode: 1,
      capturedAt: (clockMs) => clockMs + zeroAt(this.zeros[0]!.zeroMs + clockMs),
      clockMsAt: (epochMs) => epochMs - zeroAt(epochMs),
    };
  }

  /** Milliseconds by which the page's sound stood still, all in all: what a browser without time for it does. */
  get slippedMs(): number {
    return (this.zeros.at(-1)?.zeroMs ?? 0) - (this.zeros[0]?.zeroMs ?? 0);
  }

  /** Seconds of the clock whose flash the page has painted. */
  async readFlashed(): Promise<ReadonlySet<number>> {
    return new Set(await this.page.evaluate(() => window.readFlashed()));
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    for (const close of this.closing) await close();
    this.transport?.close();
    await this.relay?.close();
  }

  private async noteZero(): Promise<void> {
    // The page may be closing.
    const zeroMs = await this.page.evaluate(() => window.readZero()).catch(() => undefined);
    if (zeroMs !== undefined) this.zeros.push({ epochMs: monotonicEpochMs(), zeroMs });
  }

  private async expose(): Promise<void> {
    const { page, options } = this;
    const { router, seed, trouble } = options;
    await page.exposeFunction('sfuCapabilities', () => offeredCapabilities(router));
    await page.exposeFunction('sfuTransport', async () => {
      const listenInfos = [{ protocol: 'udp', ip: '127.0.0.1', announcedAddress: relayIp }] as const;
      const transport = await router.createWebRtcTransport({ listenInfos: [...listenInfos] });
      this.transport = transport;
      this.relay = await openRelay({ port: transport.iceCandidates[0]!.port, seed });
      this.relay.setTrouble(trouble);
      const { id, iceParameters, iceCandidates, dtlsParameters } = transport;
      return { id, iceParameters, iceCandidates, dtlsParameters };
    });
    await page.exposeFunction('sfuConnect', (dtlsParameters: mediasoup.DtlsParameters) =>
      this.transport!.connect({ dtlsParameters }),
    );
    await page.exposeFunction('sfuProduce', async (produce: mediasoup.ProducerOptions) => {
      const producer = await this.transport!.produce(produce);
      this.onProducer(producer);
      return producer.id;
    });
  }
}

let script: Promise<string> | undefined;

function publisherScript(): Promise<string> {
  return (script ??= bundleForBrowser(new URL('../fixtures/publisher/page.ts', import.meta.url).pathname));
}
