import type { TrackKind } from '@rushes/timeline';
import type { VideoCodecName } from '../../libs/media/src/testing/encoders.ts';
import type { RtpTroubles } from './rtp-sender.ts';
import type { Trouble } from './trouble.ts';

/** What somebody does, `atSeconds` after everybody has come. */
export type Step = { atSeconds: number } & (
  | { pause: TrackKind }
  | { resume: TrackKind }
  | { leave: true }
  | { rejoin: 'same' | 'new' }
  | { highestLayer: number }
  | { size: [width: number, height: number] }
  /** Lets the sound stand still for so many milliseconds. */
  | { standStill: number }
);

export type Person =
  | {
      as: 'browser';
      kinds?: readonly TrackKind[];
      /** MIME type, in lower case; VP8 by default. */
      videoCodec?: string;
      simulcast?: boolean;
      opusDtx?: boolean;
      trouble?: Trouble;
      steps?: readonly Step[];
    }
  | ({ as: 'rtp'; codec?: VideoCodecName } & RtpTroubles)
  /** In the room, and sends nothing ever. */
  | { as: 'silent' };

export type Scenario = {
  /** As the table has it, and as it is chosen by. */
  name: string;
  seconds: number;
  people: readonly Person[];
  limits: Limits;
  /** What is looked at of a long meeting: so many stretches of so many seconds, evenly spread from its beginning to its end. */
  stretches?: { count: number; seconds: number };
};

export type Limits = {
  /** Sound against picture, of 95 of 100 seconds. Milliseconds. */
  offsetMs: number;
  /** Share of flashes, and of beeps, that have to be there. */
  presence: number;
  /** Between participants. Milliseconds. */
  spreadMs: number;
};

const clean: Limits = { offsetMs: 40, presence: 0.99, spreadMs: 80 };
const troubled: Limits = { offsetMs: 80, presence: 0.99, spreadMs: 80 };
const lossy: Limits = { offsetMs: 80, presence: 0.95, spreadMs: 80 };

/** A sender without any trouble, whom the others are held against. */
const witness: Person = { as: 'browser' };
export const badNetwork: Trouble = { loss: 0.05, delayMs: 20, jitterMs: 50, reorder: 0.02, duplicate: 0.01 };

const short = 20;
/** When sound stands still, of a browser and of a sender whose reports come more often. Uneven, so that no drift explains it. */
const standsAt = [12.4, 20.6, 27.5, 34.2, 41.3, 88.5, 95.9];
const oftenStandsAt = [12.4, 14.7, 17.1, 20.6, 22.3, 24.8, 27.5, 29.4, 32.7, 34.2, 36.6, 39.3, 88.5, 91.2, 93.7];

/** Every scenario of `npm run bench:sync`. */
export const scenarios: readonly Scenario[] = [
  { name: 'clean', seconds: short, people: [witness, witness], limits: clean },
  {
    name: '5 % loss, reordering, 50 ms jitter',
    seconds: 30,
    people: [{ as: 'browser', trouble: badNetwork }, witness],
    limits: lossy,
  },
  {
    name: 'sound 200 ppm fast',
    seconds: 120,
    people: [{ as: 'rtp', fastPpm: { audio: 200 } }, witness],
    limits: troubled,
  },
  {
    name: 'sender 200 ppm fast',
    seconds: 120,
    people: [{ as: 'rtp', fastPpm: { audio: 200, video: 200 } }, witness],
    limits: troubled,
  },
  {
    name: 'first sender report after 8 s',
    seconds: short,
    people: [{ as: 'rtp', firstReportSeconds: 8 }, witness],
    limits: troubled,
  },
  {
    name: 'no sender report at all',
    seconds: short,
    people: [{ as: 'rtp', firstReportSeconds: Infinity }, witness],
    limits: troubled,
  },
  {
    name: 'sender asleep for 8 s',
    seconds: 26,
    people: [{ as: 'rtp', asleep: { atSeconds: 7.5, forSeconds: 8 } }, witness],
    limits: troubled,
  },
  {
    name: 'sound that stands still now and then',
    seconds: 120,
    people: [
      person(...standsAt.map((atSeconds): [number, Doing] => [atSeconds, { standStill: 40 }])),
      { as: 'rtp', soundStands: oftenStandsAt.map((atSeconds) => ({ atSeconds, forSeconds: 0.06 })) },
    ],
    limits: troubled,
  },
  {
    name: 'sound stands still for 0.3 s, twice',
    seconds: 60,
    // Beside the first report on it and the last, which come every five seconds.
    people: [person([2.3, { standStill: 300 }], [57.3, { standStill: 300 }]), witness],
    limits: troubled,
  },
  {
    name: 'mute and unmute',
    seconds: short,
    people: [
      person([4, { pause: 'audio' }], [8, { resume: 'audio' }], [12, { pause: 'audio' }], [13, { resume: 'audio' }]),
      witness,
    ],
    limits: troubled,
  },
  {
    name: 'camera off and on',
    seconds: short,
    people: [person([5, { pause: 'video' }], [10, { resume: 'video' }]), witness],
    limits: troubled,
  },
  { name: 'DTX', seconds: short, people: [{ as: 'browser', opusDtx: true }, witness], limits: troubled },
  { name: 'DTX, sent as RTP', seconds: short, people: [{ as: 'rtp', dtx: true }, witness], limits: troubled },
  {
    name: 'leave and rejoin, same identity',
    seconds: short,
    people: [person([6, { leave: true }], [9, { rejoin: 'same' }]), witness],
    limits: troubled,
  },
  {
    name: 'leave and rejoin, new identity',
    seconds: short,
    people: [person([6, { leave: true }], [9, { rejoin: 'new' }]), witness],
    limits: troubled,
  },
  {
    name: 'simulcast layer switches',
    seconds: 24,
    people: [
      { ...person([6, { highestLayer: 0 }], [11, { highestLayer: 1 }], [16, { highestLayer: 0 }]), simulcast: true },
      witness,
    ],
    limits: troubled,
  },
  {
    name: 'changing resolution and rotation',
    seconds: short,
    people: [person([5, { size: [320, 180] }], [9, { size: [360, 640] }], [14, { size: [640, 360] }]), witness],
    limits: troubled,
  },
  ...['vp9', 'h264', 'av1'].map((codec): Scenario => ({
    name: codec.toUpperCase(),
    seconds: short,
    people: [{ as: 'browser', videoCodec: `video/${codec}` }, witness],
    limits: clean,
  })),
  { name: 'audio only', seconds: short, people: [{ as: 'browser', kinds: ['audio'] }, witness], limits: clean },
  { name: 'video only', seconds: short, people: [{ as: 'browser', kinds: ['video'] }, witness], limits: clean },
  { name: 'one who never publishes', seconds: short, people: [witness, { as: 'silent' }, witness], limits: clean },
  { name: 'two minutes', seconds: 120, people: [witness, witness], limits: clean },
];

/** Both of these run in `npm test`, in one meeting: the network's troubles, and those of clocks and reports. */
export const shortForm: Scenario = {
  name: 'the short form',
  seconds: 24,
  people: [
    {
      ...person([7, { pause: 'audio' }], [11, { resume: 'audio' }]),
      trouble: badNetwork,
    },
    { as: 'rtp', fastPpm: { audio: 200 }, firstReportSeconds: 8, dtx: true },
  ],
  limits: lossy,
};

/** Above this many minutes not all of a meeting is looked at. */
const wholeMinutes = 10;

/** A meeting of a length, on a clean network, with somebody whose sound's clock runs fast: in two hours by 1.4 seconds. */
export function longMeeting(minutes: number): Scenario {
  const people: Person[] = [witness, { as: 'rtp', fastPpm: { audio: 200 } }];
  const meeting = { name: `${minutes} minutes`, seconds: minutes * 60, people, limits: troubled };
  return minutes > wholeMinutes ? { ...meeting, stretches: { count: 13, seconds: 40 } } : meeting;
}

type Doing = Step extends infer Each ? (Each extends { atSeconds: number } ? Omit<Each, 'atSeconds'> : never) : never;

function person(...steps: readonly [atSeconds: number, act: Doing][]): Person & { as: 'browser' } {
  return { as: 'browser', steps: steps.map(([atSeconds, act]) => ({ atSeconds, ...act })) };
}
