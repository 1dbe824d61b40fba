import type { TrackId } from '@rushes/timeline';
import type { PaletteColor, Point } from '@rushes/whiteboard';
import type { Meeting } from './meeting/meeting.ts';
import type { MeetingView, Panel } from './meeting/meeting-view.ts';

/**
 * `window.rushesMeeting`: what scripts (the demo, tests) do in the meeting. Each is what the button of the same name
 * calls; promises resolve when the room has answered. What goes wrong is shown as a toast, as it is to a person.
 */
export type MeetingAutomation = {
  /** Resolves when in the meeting, or when it did not let this page in; see `readView().phase`. */
  join(name: string): Promise<void>;
  leave(): Promise<void>;
  endForAll(): Promise<void>;
  sendChat(text: string): Promise<void>;
  /** Resolves with the poll's id; its options have the ids `o1`, `o2`, … */
  openPoll(question: string, options: string[], multiple?: boolean): Promise<string>;
  vote(pollId: string, optionIds: string[]): Promise<void>;
  closePoll(pollId: string): Promise<void>;
  /** A whole stroke at once; points in 0..1 of the board's width and height. Resolves with its id. */
  draw(points: Point[], style?: { color?: PaletteColor; width?: number }): Promise<string>;
  undoStroke(): Promise<void>;
  clearBoard(): Promise<void>;
  raiseHand(): Promise<void>;
  lowerHand(): Promise<void>;
  react(emoji: string): Promise<void>;
  caption(text: string, options?: { captionId?: string; language?: string; isFinal?: boolean }): Promise<void>;
  mark(label: string): Promise<void>;
  mute(): Promise<void>;
  unmute(): Promise<void>;
  stopCamera(): Promise<void>;
  startCamera(): Promise<void>;
  shareScreen(): Promise<void>;
  stopScreen(): Promise<void>;
  startRecording(title?: string): Promise<void>;
  stopRecording(): Promise<void>;
  /** Resolves when everything that happened on this page so far is durable in the running recording. */
  whenRecorded(): Promise<void>;
  showPanel(panel: Panel | null): void;
  showWhiteboard(isOpen: boolean): void;
  /** The whole view, as JSON. */
  readView(): Omit<MeetingView, 'cameraTrack' | 'screenTrack' | 'remoteTracks'> & { remoteTracks: TrackId[] };
};

declare global {
  var rushesMeeting: MeetingAutomation | undefined;
}

/** Puts the methods on the window. */
export function offerAutomation(meeting: Meeting): void {
  const { media } = meeting;
  globalThis.rushesMeeting = {
    join: (name) => meeting.join(name),
    leave: () => meeting.leave(),
    endForAll: () => meeting.endForAll(),
    sendChat: (text) => meeting.sendChat(text),
    openPoll: (question, options, multiple) => meeting.openPoll(question, options, multiple),
    vote: (pollId, optionIds) => meeting.vote(pollId, optionIds),
    closePoll: (pollId) => meeting.closePoll(pollId),
    draw: async (points, { color = '#1971c2', width = 0.004 } = {}) => {
      const strokeId = crypto.randomUUID();
      await meeting.whiteboard('stroke-drawn.v1', { strokeId, color, width, points });
      return strokeId;
    },
    undoStroke: () => meeting.whiteboard('stroke-undone.v1', {}),
    clearBoard: () => meeting.whiteboard('board-cleared.v1', {}),
    raiseHand: () => meeting.setHand(true),
    lowerHand: () => meeting.setHand(false),
    react: (emoji) => meeting.react(emoji),
    caption: (text, options) => meeting.sendCaption(text, options),
    mark: (label) => meeting.mark(label),
    mute: () => media.set('microphone', false),
    unmute: () => media.set('microphone', true),
    stopCamera: () => media.set('camera', false),
    startCamera: () => media.set('camera', true),
    shareScreen: () => media.shareScreen(),
    stopScreen: () => media.stopScreen(),
    startRecording: (title) => meeting.startRecording(title),
    stopRecording: () => meeting.stopRecording(),
    whenRecorded: () => meeting.whenRecorded(),
    showPanel: (panel) => meeting.setPanel(panel),
    showWhiteboard: (isOpen) => meeting.setWhiteboard(isOpen),
    readView: () => {
      const { cameraTrack: _camera, screenTrack: _screen, remoteTracks, ...view } = meeting.view.get();
      return { ...view, remoteTracks: [...remoteTracks.keys()] };
    },
  };
}
