import type { Manifest, TrackKind } from '@rushes/timeline';
import { voices } from '../content/signal.ts';
import { Attendee } from './attendee.ts';
import { BrowserSender } from './browser-sender.ts';
import type { MediaClock } from './clock.ts';
import { judge, spreadOf, type Judgement } from './judge.ts';
import { observeFilms } from './observe-film.ts';
import { observeViewer } from './observe-viewer.ts';
import { makeRtpSignal } from './rtp-signal.ts';
import { RtpSender } from './rtp-sender.ts';
import type { Person, Scenario, Step } from './scenarios.ts';
import type { RunningMeeting, Stage } from './stage.ts';
import { stretchesOf, withinStretches } from './stretch.ts';

export type Outcome = {
  scenario: Scenario;
  manifest: Manifest;
  media: { medium: 'MP4' | 'viewer'; judgements: Judgement[]; spreadMs: number }[];
  /** Milliseconds by which publishing pages' own sound stood still: too busy a machine. */
  slippedMs: number;
  /** Share of the time in which the viewer page stood still, in the best of its playings. */
  viewerStillShare: number;
};

/** Somebody's sending side, and as whom the recording knows them, in turn. What is known of its signal: once it has left. */
type Sender = {
  attendees: Attendee[];
  clocks: () => Record<TrackKind, MediaClock>;
  join(): Promise<void>;
  act(step: Step): Promise<void>;
  leave(): Promise<void>;
  close(): Promise<void>;
  slippedMs: () => number;
  flashedSeconds?: () => ReadonlySet<number>;
};

/** Holds a scenario's meeting on the real SFU, records it, and judges its film and what the viewer shows. */
export async function runScenario(stage: Stage, scenario: Scenario, folder: string): Promise<Outcome> {
  const meeting = await stage.beginMeeting(scenario.name);
  const { recordingId } = meeting.recording;
  const senders: Sender[] = [];
  try {
    for (const [index, person] of scenario.people.entries()) {
      senders.push(await openSender(stage, meeting, { person, index, folder }));
    }
    for (const sender of senders) await sender.join();
    await playSteps(scenario, senders);
    for (const sender of senders) await sender.leave();
  } finally {
    for (const sender of senders) await sender.close();
    await meeting.end();
  }
  const manifest = await stage.api.whenRecordingReady(recordingId, 120_000 + scenario.seconds * 200);
  const sent = senders.flatMap(({ attendees, clocks, flashedSeconds }) =>
    attendees
      .filter(({ onAir }) => onAir.audio.length + onAir.video.length > 0)
      .map((attendee) => ({ attendee, clocks: clocks(), flashedSeconds: flashedSeconds?.() })),
  );
  const attendees = sent.map(({ attendee }) => attendee);
  const stretches = stretchesOf(scenario, manifest.durationMs);
  const voicesSeen = attendees.map(({ voice }) => voice);
  const film = await observeFilms(stage, recordingId, { folder, stretches, voices: voicesSeen });
  const viewer = await observeViewer(stage, manifest, { attendees, stretches });
  const observed = { MP4: film, viewer: viewer.observations };
  const media = (['MP4', 'viewer'] as const).map((medium) => {
    const judgements = sent.map(({ attendee: { name, onAir }, clocks, flashedSeconds }, index) => {
      const lookedAt = {
        audio: withinStretches(onAir.audio, stretches),
        video: withinStretches(onAir.video, stretches),
      };
      return judge({ name, onAir: lookedAt, clocks, flashedSeconds }, observed[medium][index]!, meeting.recordedAt);
    });
    return { medium, judgements, spreadMs: spreadOf(judgements) };
  });
  const slippedMs = Math.max(...senders.map((sender) => sender.slippedMs()));
  return { scenario, manifest, media, slippedMs, viewerStillShare: viewer.stillShare };
}

async function playSteps({ people, seconds }: Scenario, senders: readonly Sender[]): Promise<void> {
  const steps = people
    .flatMap((person, index) =>
      person.as === 'browser' ? (person.steps ?? []).map((step) => ({ step, sender: senders[index]! })) : [],
    )
    .sort((a, b) => a.step.atSeconds - b.step.atSeconds);
  const startedAt = performance.now();
  const until = (atSeconds: number): Promise<void> =>
    new Promise((resolve) => setTimeout(resolve, startedAt + atSeconds * 1000 - performance.now()));
  for (const { step, sender } of steps) {
    await until(step.atSeconds);
    await sender.act(step);
  }
  await until(seconds);
}

async function openSender(
  stage: Stage,
  meeting: RunningMeeting,
  { person, index, folder }: { person: Person; index: number; folder: string },
): Promise<Sender> {
  const { router, recording } = meeting;
  const voice = voices[index]!;
  const attendees: Attendee[] = [];
  const newAttendee = (): Attendee => {
    const name = `P${index + 1}${'′'.repeat(attendees.length)}`;
    const attendee = new Attendee({ recording, router, name }, voice);
    attendees.push(attendee);
    return attendee;
  };
  let current = newAttendee();
  const nothing = async (): Promise<void> => undefined;
  if (person.as === 'silent') {
    const clocks = (): never => {
      throw new Error('somebody who sends nothing has no clock');
    };
    const join = async (): Promise<void> => current.join();
    const leave = async (): Promise<void> => current.leave();
    return { attendees, clocks, join, leave, act: nothing, close: nothing, slippedMs: () => 0 };
  }
  if (person.as === 'rtp') {
    const { codec = 'VP8' } = person;
    const rtp = await makeRtpSignal(folder, voice, codec);
    const sender = new RtpSender({ ...person, router, rtp, codec });
    return {
      attendees,
      clocks: () => ({ audio: sender.clockOf('audio'), video: sender.clockOf('video') }),
      join: () => sender.join(current),
      leave: () => sender.leave(current),
      act: nothing,
      close: nothing,
      slippedMs: () => 0,
    };
  }
  const { trouble = {}, as: _as, steps: _steps, ...publish } = person;
  const { browser } = stage;
  const sender = await BrowserSender.open({ browser, router, voice, seed: 1000 + index, trouble, publish });
  let isIn = false;
  const join = async (): Promise<void> => {
    isIn = true;
    await sender.join(current);
  };
  const leave = async (): Promise<void> => {
    if (isIn) await sender.leave(current);
    isIn = false;
  };
  return {
    attendees,
    clocks: () => sender.clocks,
    join,
    leave,
    async act(step) {
      if ('pause' in step) await sender.pause(current, step.pause);
      else if ('resume' in step) await sender.resume(current, step.resume);
      else if ('highestLayer' in step) await sender.setHighestLayer(step.highestLayer);
      else if ('size' in step) await sender.setSize(...step.size);
      else if ('standStill' in step) await sender.standStill(step.standStill);
      else if ('leave' in step) await leave();
      else {
        if (step.rejoin === 'new') current = newAttendee();
        await join();
      }
    },
    close: () => sender.close(),
    slippedMs: () => sender.slippedMs,
    flashedSeconds: () => sender.flashedSeconds,
  };
}
