import type { Capture } from '@rushes/capture';
import type { PluginEventType, RecordingId } from '@rushes/timeline';
import { whiteboardPlugin } from '@rushes/whiteboard';
import type { CaptureGrant } from '@rushes/rooms/protocol';

/** Feeds the running recording from this page: its DOM, and the events that its participant causes. */
export class RecordingCapture {
  #capture: Capture | null = null;
  #recordingId: RecordingId | null = null;

  constructor(
    private readonly options: {
      renewToken(): Promise<string>;
      onProblem(text: string): void;
    },
  ) {}

  /** Follows the room: starts, goes on, or (null) ends. The SDK is loaded when it is first needed. */
  async follow(grant: CaptureGrant | null): Promise<void> {
    if (grant?.recordingId === this.#recordingId) return;
    this.#recordingId = grant?.recordingId ?? null;
    const former = this.#capture;
    this.#capture = null;
    const stopping = former?.stop();
    if (grant) await this.#start(grant);
    await stopping;
  }

  /** Sends what is left; resolves when it is acknowledged, or soon. */
  stop(): Promise<void> {
    return this.follow(null);
  }

  /** Puts an event on the timeline. Returns the recording it went to; undefined when none took it. */
  emit(type: string, data: unknown): RecordingId | undefined {
    if (!this.#capture || this.#recordingId === null) return undefined;
    // The room refuses what is not in the catalogue; here the SDK checks it once more and throws.
    this.#capture.emit(type as PluginEventType, data);
    return this.#recordingId;
  }

  /** Resolves when everything emitted so far is durable; at once when nothing is being recorded. */
  async whenAcknowledged(): Promise<void> {
    await this.#capture?.whenAcknowledged();
  }

  async #start({ recordingId, captureToken, endpoint }: CaptureGrant): Promise<void> {
    const { createCapture } = await import('@rushes/capture');
    if (this.#recordingId !== recordingId) return;
    const capture = createCapture({
      endpoint: new URL(endpoint, location.href).href,
      token: captureToken,
      getToken: () => this.options.renewToken(),
      plugins: [whiteboardPlugin],
    });
    capture.on('dropped', ({ type, message }) => this.options.onProblem(`Not recorded (${type}): ${message}`));
    this.#capture = capture;
    capture.start();
  }
}
