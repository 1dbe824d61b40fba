import type { TimelineEvent, TrackId } from '@rushes/timeline';
import { boardOf } from '@rushes/whiteboard';
import type { Answers, CaptureGrant, Notifications } from '@rushes/rooms/protocol';
import { MediaSession } from '../media/media-session.ts';
import type { PageAddress } from '../page-address.ts';
import { endingFor } from './endings.ts';
import { LocalMedia } from './local-media.ts';
import { emptyRoom, LocalRoom } from './room-state.ts';
import { initialView, type MeetingView, type Panel } from './meeting-view.ts';
import { RecordingCapture } from './recording-capture.ts';
import { copyText, invitationLink } from './invitation.ts';
import { keepOwnToken, tokenToUse } from './own-token.ts';
import { RoomActions } from './room-actions.ts';
import { RoomLink } from './room-link.ts';
import { SoundOutput } from './sound-output.ts';
import { Store } from './store.ts';
import { Toasts } from './toasts.ts';

/**
 * The meeting as this page takes part in it. Buttons, keys and scripts call its methods; what comes of them is in
 * {@link view}. Methods do not throw: what goes wrong is shown.
 */
export class Meeting extends RoomActions {
  readonly view = new Store<MeetingView>(initialView);
  readonly media: LocalMedia;
  readonly #room = new LocalRoom();
  readonly #toasts: Toasts;
  readonly #sound: SoundOutput;
  readonly #capture: RecordingCapture;
  #link: RoomLink | undefined;
  #name = '';
  #session: MediaSession | undefined;
  /** Notifications that came before the answer to `join`. */
  #early: TimelineEvent[] | undefined;

  constructor(private readonly address: PageAddress) {
    super();
    this.#toasts = new Toasts(this.view);
    this.#sound = new SoundOutput((isSoundBlocked) => this.view.set({ isSoundBlocked }));
    this.media = new LocalMedia(this.view, address, this.#toasts);
    this.#capture = new RecordingCapture({
      renewToken: async () => (await this.#request('renewCaptureToken', {})).captureToken,
      onProblem: (text) => this.#toasts.show(text, 'error'),
    });
    if (address.token === null) this.view.set({ phase: 'over', ending: endingFor('no-token') });
    setInterval(() => this.#room.settle() && this.#showRoom(), 1000);
  }

  /** Enters the meeting; also again after leaving. Resolves when in, or when it is over. */
  async join(name: string): Promise<void> {
    const { phase } = this.view.get();
    if (this.address.token === null || (phase !== 'lobby' && phase !== 'over')) return;
    this.#name = name.trim();
    this.view.set({ phase: 'connecting', ending: null });
    await this.media.open();
    const token = tokenToUse(this.address.token, sessionStorage, Date.now());
    this.#link = new RoomLink(
      { origin: location.origin, token },
      {
        onWelcome: (welcome) => this.#enter(welcome),
        onNotification: (notification) => this.#receive(notification),
        onLost: () => this.#lose(),
        onOver: (reason, detail) => void this.#end(endingFor(reason, detail)),
      },
    );
    await new Promise<void>((resolve) => {
      const unsubscribe = this.view.subscribe(() => {
        const { phase: now } = this.view.get();
        if (now !== 'in-meeting' && now !== 'over') return;
        unsubscribe();
        resolve();
      });
    });
  }

  async leave(): Promise<void> {
    if (!this.#link) return;
    // The socket closes with the answer, so that it may not arrive.
    await this.#link.request('leave', {}).catch(() => undefined);
    await this.#end(endingFor('left'));
  }

  async endForAll(): Promise<void> {
    await this.#try(this.#request('endRoom', {}));
  }

  async startRecording(title?: string): Promise<void> {
    await this.#try(this.#request('startRecording', title === undefined ? {} : { title }));
  }

  async stopRecording(): Promise<void> {
    await this.#try(this.#request('stopRecording', {}));
  }

  /** Makes a link for any number of guests, and copies it where the browser lets it. */
  async invite(): Promise<void> {
    await this.#try(
      this.#request('invite', {}).then(async ({ token }) => {
        const invitation = invitationLink(this.address.roomId, token);
        this.view.set({ invitation });
        this.setPanel('people');
        const isCopied = await copyText(invitation);
        if (isCopied) this.#toasts.show('Link copied: whoever opens it comes in as a guest', 'info');
      }),
    );
  }

  setPanel(panel: Panel | null): void {
    this.view.set({ panel });
    this.#showRoom();
  }

  setWhiteboard(isWhiteboardOpen: boolean): void {
    this.view.set({ isWhiteboardOpen });
    this.#showRoom();
  }

  unblockSound(): Promise<void> {
    return this.#sound.unblock();
  }

  showProblem(text: string): void {
    this.#toasts.show(text, 'error');
  }

  dismissToast(toastId: number): void {
    this.#toasts.dismiss(toastId);
  }

  /** Resolves when everything that happened on this page so far is durable in the running recording. */
  whenRecorded(): Promise<void> {
    return this.#capture.whenAcknowledged();
  }

  protected async act(type: string, data: unknown): Promise<boolean> {
    const { me, phase } = this.view.get();
    if (!me || phase !== 'in-meeting') {
      this.#toasts.show('Not connected to the meeting', 'error');
      return false;
    }
    try {
      const event = this.#room.act(type, data, me.participantId);
      this.#showRoom();
      const emittedTo = this.#capture.emit(event.type, event.data);
      await this.#request('sendEvent', { type, data: event.data, ...(emittedTo === undefined ? {} : { emittedTo }) });
      return true;
    } catch (error) {
      this.#toasts.showError(error);
      await this.#reload();
      return false;
    }
  }

  protected tell(text: string): void {
    this.#toasts.show(text, 'info');
  }

  async #enter(welcome: Notifications['welcome']): Promise<void> {
    const { ownToken } = welcome;
    if (ownToken !== null && this.address.token !== null) {
      keepOwnToken(this.address.token, ownToken, sessionStorage);
      this.#link?.useToken(ownToken);
    }
    this.#early = [];
    const answer = await this.#request('join', this.#name === '' ? {} : { name: this.#name });
    const { participantId, role } = welcome;
    this.#room.load(answer);
    for (const event of this.#early) this.#room.apply(event);
    this.#early = undefined;
    this.view.set({ me: { participantId, role, name: answer.name }, openedAt: answer.openedAt, ending: null });
    this.#showRoom();
    this.#followRecording(answer.recording);
    await this.#openMedia(answer);
    this.view.set({ phase: 'in-meeting' });
  }

  async #openMedia({ routerRtpCapabilities }: Answers['join']): Promise<void> {
    this.#session?.close();
    this.#session = undefined;
    const session = await MediaSession.open(routerRtpCapabilities, this.#request, {
      onRemoteTrack: (trackId, track) => this.#showRemote(trackId, track),
    });
    this.#session = session;
    this.#receiveTracks();
    await this.#try(this.media.attach(session));
  }

  #receive(notification: { event: string; data: unknown }): void {
    switch (notification.event) {
      case 'timeline': {
        const event = notification.data as TimelineEvent;
        if (this.#early) this.#early.push(event);
        else this.#applyRemote(event);
        return;
      }
      case 'recording-started':
        return this.#followRecording(notification.data as Notifications['recording-started']);
      case 'recording-ended':
        return this.#followRecording(null);
      case 'recording-media-lost':
        return this.#toasts.showMediaLost(notification.data as Notifications['recording-media-lost']);
      case 'consumer-closed':
        return this.#session?.drop((notification.data as Notifications['consumer-closed']).trackId);
      case 'error':
        return this.#toasts.show((notification.data as Notifications['error']).message, 'error');
    }
  }

  #applyRemote(event: TimelineEvent): void {
    this.#room.apply(event);
    this.#showRoom();
    if (event.type === 'rushes.track.started.v1') this.#receiveTracks();
    if (event.type === 'rushes.track.ended.v1') this.#session?.drop(event.data.trackId);
    if (event.type === 'rushes.poll.opened.v2' && this.view.get().panel !== 'polls') {
      this.#toasts.show(`New poll: ${event.data.question}`, 'info');
    }
  }

  /** Receives every running track of the others that is not received yet. */
  #receiveTracks(): void {
    const { me } = this.view.get();
    for (const { trackId, participantId, endedAtMs, source } of Object.values(this.#room.state.tracks)) {
      if (endedAtMs !== null || participantId === me?.participantId) continue;
      const group = source === 'screen' || source === 'screenAudio' ? 'screen' : 'camera';
      this.#session?.receive(trackId, `${participantId}-${group}`).catch((error: unknown) => {
        // Gone again before it could be received: its end is on the way.
        const code = (error as { code?: string }).code;
        if (code !== 'not-found' && code !== 'disconnected') this.#toasts.showError(error);
      });
    }
  }

  #showRemote(trackId: TrackId, track: MediaStreamTrack | null): void {
    const remoteTracks = new Map(this.view.get().remoteTracks);
    if (track) remoteTracks.set(trackId, track);
    else remoteTracks.delete(trackId);
    if (track === null || track.kind === 'audio') this.#sound.play(trackId, track);
    this.view.set({ remoteTracks });
  }

  #followRecording(grant: CaptureGrant | null): void {
    const { recording } = this.view.get();
    if (grant && grant.recordingId !== recording?.recordingId) {
      const isGoingOn = grant.continuesRecordingId !== null;
      const text = isGoingOn ? 'The recording was interrupted and goes on now' : 'This meeting is now being recorded';
      this.#toasts.show(text, 'info');
    }
    if (!grant && recording) this.#toasts.show('The recording has stopped', 'info');
    this.view.set({ recording: grant && { recordingId: grant.recordingId, title: grant.title } });
    this.#capture.follow(grant).catch((error: unknown) => this.#toasts.showError(error));
  }

  #lose(): void {
    this.#dropSession();
    if (this.view.get().phase === 'in-meeting') this.view.set({ phase: 'reconnecting' });
  }

  #dropSession(): void {
    this.#session?.close();
    this.#session = undefined;
    this.media.detach();
  }

  async #end(ending: NonNullable<MeetingView['ending']>): Promise<void> {
    this.#link?.close();
    this.#link = undefined;
    this.#dropSession();
    this.media.close();
    this.view.set({ phase: 'over', ending, panel: null, isWhiteboardOpen: false, toasts: [] });
    await this.#capture.stop();
    this.view.set({ recording: null, room: emptyRoom, remoteTracks: new Map() });
  }

  async #reload(): Promise<void> {
    const view = await this.#request('readState', {}).catch(() => undefined);
    if (!view) return;
    this.#room.load(view);
    this.#showRoom();
  }

  #showRoom(): void {
    const { panel, readMessages, isWhiteboardOpen, seenStrokes } = this.view.get();
    const room = this.#room.state;
    const strokes = boardOf(room).strokes.length;
    this.view.set({
      room,
      readMessages: panel === 'chat' ? room.chat.length : readMessages,
      // A board that was wiped begins anew.
      seenStrokes: isWhiteboardOpen ? strokes : Math.min(seenStrokes, strokes),
    });
  }

  #request: RoomLink['request'] = (method, data) =>
    this.#link?.request(method, data) ?? Promise.reject(new Error('Not connected to the meeting'));

  async #try(work: Promise<unknown>): Promise<void> {
    // The room that ends takes the socket with it.
    await work.catch((error: unknown) => this.#toasts.showError(error, ['disconnected']));
  }
}
