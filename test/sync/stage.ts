import { ExportsModule } from '@rushes/exports';
import { RecorderModule, RecorderService } from '@rushes/recorder';
import { EventPublishers, newId, RecordingLifecycle, type Logger } from '@rushes/platform';
import { startTestApplication, testApiKey, type TestApplication } from '@rushes/platform/testing';
import { RecordingsModule } from '@rushes/recordings';
import { TimelineWriterModule } from '@rushes/timeline-writer';
import * as mediasoup from 'mediasoup';
import type { Browser } from 'puppeteer-core';
import { mediaCodecs } from '../../libs/rooms/src/media/media-codecs.ts';
import { findWorkerBinary } from '../../libs/rooms/src/media/worker-binary.ts';
import { RoomRecording } from '../../libs/rooms/src/room/room-recording.ts';
import { RoomEvents } from '../../libs/rooms/src/room-events.ts';
import { ApiClient } from '../../scripts/demo/api-client.ts';
import { launchChromium } from '../fixtures/browser.ts';

/** A meeting that is being recorded. */
export type RunningMeeting = {
  router: mediasoup.types.Router;
  recording: RoomRecording;
  /** Epoch milliseconds of the recording clock's zero. */
  recordedAt: number;
  /** Ends the recording; whoever is in the meeting has left before. */
  end(): Promise<void>;
};

/**
 * What all scenarios use, one after the other: the product's recorder, timeline writer, API, exports and viewer in this
 * process, a mediasoup worker, and one browser in which each publisher has a page.
 */
export class Stage {
  private constructor(
    readonly app: TestApplication,
    readonly api: ApiClient,
    readonly browser: Browser,
    private readonly worker: mediasoup.types.Worker,
    private readonly roomEvents: RoomEvents,
    private readonly closeBrowser: () => Promise<void>,
  ) {}

  static async open(): Promise<Stage> {
    const app = await startTestApplication([
      RecorderModule,
      TimelineWriterModule.forRoot({ plugins: [] }),
      RecordingsModule,
      ExportsModule,
    ]);
    const roomEvents = new RoomEvents();
    app.app.get(RecorderService).connect(roomEvents);
    const worker = await mediasoup.createWorker({ workerBin: findWorkerBinary(), logLevel: 'warn' });
    const { browser, close } = await launchChromium({
      executablePath: process.env.RUSHES_HEADLESS_SHELL ?? '/usr/bin/chromium-headless-shell',
      args: publisherFlags,
    });
    return new Stage(app, new ApiClient(app.url, testApiKey), browser, worker, roomEvents, close);
  }

  async beginMeeting(title: string): Promise<RunningMeeting> {
    const { app } = this.app;
    const router = await this.worker.createRouter({ mediaCodecs });
    const lifecycle = app.get(RecordingLifecycle);
    const roomId = newId();
    const { recordingId, recordedAt } = await lifecycle.start({ roomId, title, holderId: lifecycle.holderId });
    const recording = new RoomRecording({
      ...{ recordingId, roomId, recordedAt, title, continuesRecordingId: null, highestLayer: null, logger: loudly },
      publisher: app.get(EventPublishers).create('rooms'),
      roomEvents: this.roomEvents,
    });
    return {
      router,
      recording,
      recordedAt,
      async end() {
        await recording.whenPublished();
        await lifecycle.end(recordingId, 'stopped');
        await app.get(RecorderService).whenIdle();
        router.close();
      },
    };
  }

  async close(): Promise<void> {
    await this.closeBrowser();
    this.worker.close();
    await this.app.close();
  }
}

/** Publishers are foreground pages, each of them, and their sound is not played. */
const publisherFlags = [
  '--disable-gpu',
  '--mute-audio',
  '--disable-background-timer-throttling',
  '--disable-renderer-backgrounding',
  '--disable-backgrounding-occluded-windows',
];

/** The room has a logger for what fails in the background: here it must not. */
const loudly = { error: (facts: object, message: string) => console.error(message, facts) } as unknown as Logger;
