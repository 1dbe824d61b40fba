import { expect, it } from 'vitest';
import { Presences } from './presences.ts';

const ann = { recordingId: 'r1', participantId: 'ann' };
const guest = { name: 'Ann', role: 'guest' } as const;

it('ends with the last track, as what it has become since a recorder was lost', () => {
  const presences = new Presences();
  const first = presences.enter(ann, guest);
  expect(presences.enter(ann, guest)).toBe(first);
  const renewed = presences.renew(ann, first);
  expect(renewed.presenceId).not.toBe(first.presenceId);
  expect(presences.leave(ann)).toBeUndefined();
  expect(presences.leave(ann)).toEqual(renewed);
  expect(presences.leave(ann)).toBeUndefined();
});
