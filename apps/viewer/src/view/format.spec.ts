import { expect, it } from 'vitest';
import { formatDuration, nameRecording } from './format.ts';

it.each([
  [0, '0:00'],
  [999, '0:00'],
  [61_000, '1:01'],
  [3_723_000, '1:02:03'],
  [-5, '0:00'],
])('writes %i ms as %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

it.each([
  ['Standup', 'imported', 'imported', 'Standup'],
  [null, 'imported', 'imported', 'Imported meeting'],
  [null, 'lobby', 'imported', 'Imported meeting in lobby'],
  [null, 'lobby', 'stopped', 'Meeting in lobby'],
  [null, 'lobby', null, 'Meeting in lobby'],
])('calls a recording with title %s, room %s and end reason %s "%s"', (title, roomId, endReason, name) => {
  expect(nameRecording({ title, roomId, endReason })).toBe(name);
});
