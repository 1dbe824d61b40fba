import { setTimeout as pause } from 'node:timers/promises';
import type { RecordingId } from '@rushes/timeline';
import type { CameraMoment } from '../../test/content/camera-log.ts';
import { voices } from '../../test/content/signal.ts';
import { poll, type ApiClient } from '../demo/api-client.ts';
import { fakeDevices } from '../demo/media-files.ts';
import { untouchedSound } from '../demo/meeting-script.ts';
import { Participant } from '../demo/participant.ts';
import { CountingClient } from './counting-client.ts';
import type { Ledger } from './ledger.ts';

export type ChaosMeetingOptions = {
  api: ApiClient;
  ledger: Ledger;
  /** People in browsers, with cameras that flash and microphones that beep. */
  people: number;
  /** Captures without a page. */
  clients: number;
};

export const roomId = 'chaos';
const followMs = 300;
const patience = { timeout: 90_000 };

export const personName = (index: number) => `Person ${index + 1}`;

/** A meeting that goes on while services are killed: people in browsers, and clients that number what they say. */
export class ChaosMeeting {
  /** Every recording that has run in it. */
  readonly recordingIds = new Set<RecordingId>();
  #isOver = false;
  #following: Promise<void> = Promise.resolve();

  private constructor(
    private readonly api: ApiClient,
    readonly people: readonly Participant[],
    private readonly clients: readonly CountingClient[],
  ) {}

  static async begin({ api, ledger, people, clients }: ChaosMeetingOptions): Promise<ChaosMeeting> {
    const joined: Participant[] = [];
    try {
      for (let index = 0; index < people; index++) {
        const token = await api.issueToken({ scope: 'meeting', roomId, role: index === 0 ? 'host' : 'guest' });
        const link = `${api.url}/meet/#room=${roomId}&token=${token}&${untouchedSound}`;
        const devices = await fakeDevices(index);
        joined.push(await Participant.join({ name: personName(index), link, devices, voice: voices[index]! }));
      }
      const counting = Array.from({ length: clients }, (_, index) => {
        const name = `client-${index + 1}`;
        return new CountingClient({
          name,
          url: api.url,
          ledger,
          eventsPerBatch: 20,
          pauseMs: 150,
          issueToken: (recordingId) => api.issueToken({ scope: 'capture', recordingId, participantId: name }),
        });
      });
      const meeting = new ChaosMeeting(api, joined, counting);
      for (const client of counting) client.start();
      meeting.#following = meeting.#follow();
      return meeting;
    } catch (error) {
      await Promise.all(joined.map((person) => person.close()));
      throw error;
    }
  }

  /** Begins a recording by the host's button; resolves when everybody sees it run. */
  async startRecording(): Promise<RecordingId> {
    const recordingId = await this.people[0]!.startRecording();
    await this.whenRecordedInto(recordingId);
    return recordingId;
  }

  async stopRecording(): Promise<void> {
    await this.people[0]!.stopRecording();
  }

  /** What the host's page shows as running. */
  async runningRecording(): Promise<RecordingId | null> {
    return this.people[0]!.page.evaluate(() => rushesMeeting!.readView().recording?.recordingId ?? null);
  }

  /** Resolves when everybody is in the meeting, sees the others' pictures move, and is recorded into another recording. */
  async whenGoingOnAfter(recordingId: RecordingId): Promise<RecordingId> {
    for (const { page } of this.people) {
      await page.waitForFunction(
        (former) => {
          const { phase, recording } = rushesMeeting!.readView();
          return phase === 'in-meeting' && recording !== null && recording.recordingId !== former;
        },
        patience,
        recordingId,
      );
    }
    for (const person of this.people) await person.page.waitForFunction(isSeeingMotion, patience, this.people.length);
    return (await this.runningRecording())!;
  }

  /** What each camera showed when. */
  async cameras(): Promise<CameraMoment[][]> {
    return Promise.all(this.people.map((person) => person.cameraMoments()));
  }

  /** Errors that the pages reported. */
  get pageErrors(): string[] {
    return this.people.flatMap((person) => person.errors);
  }

  /** Lets the clients finish what they have begun to say, then ends the meeting. */
  async end(): Promise<void> {
    if (this.#isOver) return;
    await Promise.all(this.clients.map((client) => client.stop()));
    this.#isOver = true;
    await this.#following;
    await Promise.all(this.people.map((person) => person.close()));
  }

  async whenRecordedInto(recordingId: RecordingId): Promise<void> {
    for (const { page } of this.people) {
      const isShown = (wanted: string) => rushesMeeting!.readView().recording?.recordingId === wanted;
      await page.waitForFunction(isShown, patience, recordingId);
    }
    await poll(30_000, 'the clients were not told of the recording', async () =>
      this.recordingIds.has(recordingId) ? true : undefined,
    );
  }

  /** Clients learn of recordings from the API, as another product's server would. */
  async #follow(): Promise<void> {
    while (!this.#isOver) {
      const found = await this.api
        .call<{ recordings: { recordingId: RecordingId }[] }>('GET', `/v1/recordings?roomId=${roomId}&limit=1`)
        .catch(() => ({ recordings: [] }));
      const newest = found.recordings[0];
      if (newest) {
        this.recordingIds.add(newest.recordingId);
        for (const client of this.clients) client.follow(newest.recordingId);
      }
      await pause(followMs);
    }
  }
}

/** Runs in the page: whether as many pictures as there are people have moved since it last looked. */
function isSeeingMotion(count: number): boolean {
  const page = globalThis as { chaosTimes?: Map<HTMLVideoElement, number> };
  const times = (page.chaosTimes ??= new Map<HTMLVideoElement, number>());
  let moving = 0;
  for (const video of document.querySelectorAll<HTMLVideoElement>('video[data-rushes-track]')) {
    const before = times.get(video);
    if (before !== undefined && video.currentTime > before && video.videoWidth > 0) moving++;
    times.set(video, video.currentTime);
  }
  return moving >= count;
}
