import { voices } from '../../test/content/signal.ts';
import type { ApiClient } from './api-client.ts';
import { fakeDevices } from './media-files.ts';
import { Participant } from './participant.ts';

export type MeetingOptions = {
  api: ApiClient;
  roomId: string;
  /** Every instant of the script is multiplied by this: 1 is the minute of the demo. */
  pace: number;
  onStep?: (atSeconds: number, text: string) => void;
};

export type MeetingOutcome = {
  recordingId: string;
  /** Still in their browsers; the caller closes them. */
  people: Participant[];
};

/** Of the link: beeps are not cancelled as echo of one another, and Chromium's fake screen does not beep. */
export const untouchedSound = 'sound=original&screensound=0';

export const names = ['Ada', 'Ben', 'Cleo'] as const;
export const pollQuestion = 'Tea or coffee?';
export const chatLines = [
  'Hello everybody',
  'Good to see you',
  'The plan is on the whiteboard',
  'That was it, thank you',
];

/** A wave over the whole board. */
const wave = Array.from({ length: 40 }, (_, index): [number, number] => [
  0.1 + index * 0.02,
  0.5 + 0.3 * Math.sin(index / 4),
]);
const diagonal: [number, number][] = [
  [0.15, 0.15],
  [0.5, 0.5],
  [0.85, 0.85],
];

/**
 * Lets three people meet in browsers of their own: talk, chat, vote, draw, share, mute, leave and come back, all of it
 * through the buttons of the meeting page, and records it from the first second to the last.
 */
export async function runMeeting(options: MeetingOptions): Promise<MeetingOutcome> {
  const { api, roomId, pace } = options;
  const people: Participant[] = [];
  try {
    for (const [index, name] of names.entries()) {
      const token = await api.issueToken({ scope: 'meeting', roomId, role: index === 0 ? 'host' : 'guest' });
      const link = `${api.url}/meet/#room=${roomId}&token=${token}&${untouchedSound}`;
      people.push(await Participant.join({ name, link, devices: await fakeDevices(index), voice: voices[index]! }));
    }
    const [ada, ben, cleo] = people as [Participant, Participant, Participant];
    await Promise.all(people.map((person) => person.whenSeeing(people.length - 1)));

    const recordingId = await ada.startRecording();
    const began = performance.now();
    const at = async (seconds: number, text: string, act: () => Promise<void>) => {
      const waitMs = began + seconds * pace * 1000 - performance.now();
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      options.onStep?.(seconds * pace, text);
      await act();
    };

    await at(4, 'Ada says hello in the chat', () => ada.chat(chatLines[0]!));
    await at(7, 'Ben answers', () => ben.chat(chatLines[1]!));
    await at(9, 'Ada opens a poll', () => ada.openPoll(pollQuestion, ['Tea', 'Coffee']));
    await at(12, 'Ben votes', () => ben.vote('Coffee'));
    await at(14, 'Cleo votes', () => cleo.vote('Tea'));
    await at(17, 'Ada closes the poll', () => ada.closePoll());
    await at(19, 'Ben draws on the whiteboard', () => ben.draw(wave));
    await at(22, 'Ada draws too', () => ada.draw(diagonal));
    await at(24, 'Cleo raises her hand', () => cleo.raiseHand());
    await at(26, 'Ada answers', () => ada.chat(chatLines[2]!));
    await at(28, 'Cleo lowers her hand', () => cleo.lowerHand());
    await at(30, 'Ben shares his screen', () => ben.shareScreen());
    await at(36, 'Ada mutes herself', () => ada.mute());
    await at(39, 'Ben ends sharing', () => ben.stopSharing());
    await at(41, 'Ada is back on air', () => ada.unmute());
    await at(44, 'Cleo leaves', () => cleo.leave());
    await at(49, 'Cleo is back', () => cleo.rejoin());
    await at(53, 'Ben claps', () => ben.react('👏'));
    await at(56, 'Ada says goodbye in the chat', () => ada.chat(chatLines[3]!));
    await at(60, 'Ada stops the recording', () => ada.stopRecording());
    return { recordingId, people };
  } catch (error) {
    await Promise.all(people.map((person) => person.close()));
    throw error;
  }
}
