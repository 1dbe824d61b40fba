import { monotonicEpochMs } from '@rushes/platform';
import type { TrackKind } from '@rushes/timeline';
import type { types as mediasoup } from 'mediasoup';
import type { Browser, Page } from 'puppeteer-core';
import { offeredCapabilities } from '../../libs/rooms/src/media/offered-capabilities.ts';
import { signal, type Voice } from '../content/signal.ts';
import type { SignalLog } from '../fixtures/publisher/clocked-signal.ts';
import type { PublisherPage, PublishOptions } from '../fixtures/publisher/page.ts';
import { serveEmptyPage, usualPublishing } from '../fixtures/publisher.ts';
import { bundleForBrowser } from '../fixtures/browser.ts';
import type { Attendee } from './attendee.ts';
import { clocksOf, onOurClock, slippedMsOf } from './browser-clock.ts';
import type { MediaClock } from './clock.ts';
import { openRelay, relayIp, type Relay } from './relay.ts';
import { isCaptured, SentPictures } from './sent-pictures.ts';
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

/** How often the page is asked for its time: the quickest answer counts. */
const clockLooks = 20;

/** A Chromium page that sends the clocked signal through a relay into the SFU. */
export class BrowserSender {
  /** As it was when its page left last. */
  private log: SignalLog = { heard: [], counted: [], flashed: [] };
  private readonly sent = new SentPictures();
  private readonly videoSsrcs: number[] = [];
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
    this.onProducer = (producer) => {
      if (producer.kind === 'video')
        this.videoSsrcs.push(...(producer.rtpParameters.encodings ?? []).flatMap(({ ssrc }) => ssrc ?? []));
      attendee.addProducer(producer);
    };
    const usual = usualPublishing(voice);
    const look = { ...usual.look, keepsToMiddle: true };
    await this.page.evaluate((given) => window.publish(given), { ...usual, ...publish, look });
  }

  async leave(attendee: Attendee): Promise<void> {
    attendee.leave();
    await this.page.evaluate(() => window.unpublish());
    this.log = onOurClock(await this.page.evaluate(() => window.readLog()), await this.readClockAhead());
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

  /** Once it has left, as all that follows. */
  get clocks(): Record<TrackKind, MediaClock> {
    return clocksOf(this.log);
  }

  /** Milliseconds by which the page's sound stood still. */
  get slippedMs(): number {
    return slippedMsOf(this.log);
  }

  /** Seconds of the pictures' clock whose flash was painted, captured, encoded and sent: a busy browser leaves some out. */
  get flashedSeconds(): ReadonlySet<number> {
    const capturedMs = this.sent.capturedMs(this.videoSsrcs);
    const clock = this.clocks.video;
    const sent = this.log.flashed.filter(({ second, atMs }) =>
      isCaptured(capturedMs, atMs, clock.capturedAt(second * 1000) + signal.pulseMs),
    );
    return new Set(sent.map(({ second }) => second));
  }

  async close(): Promise<void> {
    for (const close of this.closing) await close();
    this.transport?.close();
    await this.relay?.close();
  }

  /** Milliseconds by which the page's epoch clock is ahead of ours: each process reads the wall clock once, maybe just before it stalls. */
  private async readClockAhead(): Promise<number> {
    const looks: { tookMs: number; aheadMs: number }[] = [];
    for (let look = 0; look < clockLooks; look++) {
      const askedMs = monotonicEpochMs();
      const pageMs = await this.page.evaluate(() => performance.timeOrigin + performance.now());
      const tookMs = monotonicEpochMs() - askedMs;
      looks.push({ tookMs, aheadMs: pageMs - askedMs - tookMs / 2 });
    }
    return looks.reduce((best, look) => (look.tookMs < best.tookMs ? look : best)).aheadMs;
  }

  private async expose(): Promise<void> {
    const { page, options } = this;
    const { router, seed, trouble } = options;
    await page.exposeFunction('sfuCapabilities', () => offeredCapabilities(router));
    await page.exposeFunction('sfuTransport', async () => {
      const listenInfos = [{ protocol: 'udp', ip: '127.0.0.1', announcedAddress: relayIp }] as const;
      const transport = await router.createWebRtcTransport({ listenInfos: [...listenInfos] });
      this.transport = transport;
      const onSent = (datagram: Buffer): void => this.sent.note(datagram, monotonicEpochMs());
      this.relay = await openRelay({ port: transport.iceCandidates[0]!.port, seed, onSent });
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
