import type { TrackSource } from '@rushes/timeline';
import { closeDevices, openDevice, openDevices, openScreen, type DeviceKind, type Devices } from '../media/devices.ts';
import type { MediaSession } from '../media/media-session.ts';
import type { PageAddress } from '../page-address.ts';
import type { MeetingView } from './meeting-view.ts';
import type { Store } from './store.ts';
import type { Toasts } from './toasts.ts';

const pauseReasons = { microphone: 'muted', camera: 'camera-off' } as const;

/**
 * Own devices and screen. Devices stay open over reconnections and while muted; they close when the meeting is over.
 */
export class LocalMedia {
  #devices: Devices | null = null;
  #opening: Promise<void> | undefined;
  #screen: { video: MediaStreamTrack; audio: MediaStreamTrack | null } | null = null;
  #session: MediaSession | undefined;

  constructor(
    private readonly view: Store<MeetingView>,
    private readonly address: PageAddress,
    private readonly toasts: Toasts,
  ) {}

  /** Opens camera and microphone unless they are open. Never rejects: what is missing is shown. */
  open(): Promise<void> {
    return (this.#opening ??= this.#openDevices());
  }

  /** Sends what is open on a new session. */
  async attach(session: MediaSession): Promise<void> {
    this.#session = session;
    await Promise.all([this.#send('microphone'), this.#send('camera'), this.#sendScreen()]);
  }

  /** The session is gone; devices stay open. */
  detach(): void {
    this.#session = undefined;
    this.view.set({ ownTracks: {} });
  }

  close(): void {
    this.detach();
    if (this.#devices) closeDevices(this.#devices);
    this.#devices = null;
    this.#opening = undefined;
    this.#closeScreen();
    this.view.set({ cameraTrack: null, camera: 'opening', microphone: 'opening' });
  }

  /** Turns a device on or off; it stays open. */
  async toggle(kind: DeviceKind): Promise<void> {
    await this.set(kind, this.view.get()[kind] !== 'on');
  }

  async set(kind: DeviceKind, isOn: boolean): Promise<void> {
    const track = this.#devices?.[kind];
    if (!track) return isOn ? this.#reopen(kind) : undefined;
    this.view.set({ [kind]: isOn ? 'on' : 'off' });
    track.enabled = isOn;
    await this.#try(isOn ? this.#session?.resume(kind) : this.#session?.pause(kind, pauseReasons[kind]));
  }

  /** Asks for a screen and shows it to everybody; nothing happens when the user changes their mind. */
  async shareScreen(): Promise<void> {
    if (this.#screen || !this.#session) return;
    try {
      const screen = await openScreen(this.address);
      if (!screen) return;
      this.#screen = screen;
      this.view.set({ screenTrack: screen.video });
      // Stopped in the browser's own bar.
      screen.video.addEventListener('ended', () => void this.stopScreen());
      await this.#sendScreen();
    } catch (error) {
      this.#closeScreen();
      this.toasts.showError(error);
    }
  }

  async stopScreen(): Promise<void> {
    if (!this.#screen) return;
    this.#closeScreen();
    const session = this.#session;
    this.#forgetTracks('screen', 'screenAudio');
    await this.#try(Promise.all([session?.stopSending('screen'), session?.stopSending('screenAudio')]));
  }

  async #openDevices(): Promise<void> {
    this.view.set({ camera: 'opening', microphone: 'opening' });
    const devices = await openDevices(this.address);
    this.#devices = devices;
    this.view.set({
      cameraTrack: devices.camera,
      camera: devices.problems.camera ?? 'on',
      microphone: devices.problems.microphone ?? 'on',
    });
    for (const kind of ['camera', 'microphone'] as const) {
      devices[kind]?.addEventListener('ended', () => this.#lost(kind));
    }
  }

  /** A device that could not be used before. */
  async #reopen(kind: DeviceKind): Promise<void> {
    if (!this.#devices || this.view.get()[kind] === 'opening') return;
    this.view.set({ [kind]: 'opening' });
    const opened = await openDevice(kind, this.address);
    if (typeof opened === 'string') {
      this.view.set({ [kind]: opened });
      return this.toasts.show(problemText(kind, opened), 'error');
    }
    this.#devices = { ...this.#devices, [kind]: opened };
    opened.addEventListener('ended', () => this.#lost(kind));
    this.view.set({ [kind]: 'on', ...(kind === 'camera' ? { cameraTrack: opened } : {}) });
    await this.#try(this.#send(kind));
  }

  /** The device was unplugged, or the permission taken back. */
  #lost(kind: DeviceKind): void {
    if (!this.#devices) return;
    this.#devices = { ...this.#devices, [kind]: null };
    this.view.set({ [kind]: 'missing', ...(kind === 'camera' ? { cameraTrack: null } : {}) });
    this.#forgetTracks(kind);
    void this.#try(this.#session?.stopSending(kind));
  }

  async #send(kind: DeviceKind): Promise<void> {
    const track = this.#devices?.[kind];
    if (!track) return;
    const isOn = this.view.get()[kind] === 'on';
    await this.#sendTrack(kind, track, isOn ? {} : { paused: pauseReasons[kind] });
    // Toggled while the track was being opened.
    if ((this.view.get()[kind] === 'on') !== isOn) await this.set(kind, !isOn);
  }

  async #sendScreen(): Promise<void> {
    if (!this.#screen) return;
    const { video, audio } = this.#screen;
    await this.#sendTrack('screen', video);
    if (audio) await this.#sendTrack('screenAudio', audio);
  }

  async #sendTrack(
    source: TrackSource,
    track: MediaStreamTrack,
    options: { paused?: 'muted' | 'camera-off' } = {},
  ): Promise<void> {
    const session = this.#session;
    const { videoCodec } = this.address;
    const trackId = await session?.send(source, track, { videoCodec, ...options });
    if (trackId === undefined || session !== this.#session) return;
    this.view.set({ ownTracks: { ...this.view.get().ownTracks, [source]: trackId } });
  }

  #closeScreen(): void {
    this.#screen?.video.stop();
    this.#screen?.audio?.stop();
    this.#screen = null;
    this.view.set({ screenTrack: null });
  }

  #forgetTracks(...sources: TrackSource[]): void {
    const ownTracks = { ...this.view.get().ownTracks };
    for (const source of sources) delete ownTracks[source];
    this.view.set({ ownTracks });
  }

  async #try(work: Promise<unknown> | undefined): Promise<void> {
    await work?.catch((error: unknown) => {
      if ((error as { code?: string }).code !== 'disconnected') this.toasts.showError(error);
    });
  }
}

/** What keeps a device from being used. */
export function problemText(kind: DeviceKind, state: MeetingView[DeviceKind]): string {
  const name = kind === 'camera' ? 'camera' : 'microphone';
  if (state === 'blocked') return `The browser does not allow this page to use the ${name}`;
  if (state === 'busy') return `Another program is using the ${name}`;
  return `No ${name} was found`;
}
