import { expect, it } from 'vitest';
import { compareEvents } from './judge-timeline.ts';
import { eventKey, Ledger } from './ledger.ts';

it('finds what is missing and what is there twice, by the case in which it was acknowledged', () => {
  const ledger = new Ledger();
  ledger.currentCase = 'gateway';
  ledger.acknowledge('r1', [eventKey('a', 0), eventKey('a', 1)]);
  ledger.currentCase = 'recorder';
  ledger.acknowledge('r1', [eventKey('a', 2)]);
  const stored = new Map([
    [eventKey('a', 0), 2],
    [eventKey('a', 1), 1],
    [eventKey('a', 3), 1],
    [eventKey('a', 4), 2],
  ]);
  const judgement = { lost: new Map<string, string[]>(), doubled: new Map<string, string[]>() };
  compareEvents(ledger.acknowledged.get('r1')!, stored, judgement);
  expect([...judgement.lost]).toEqual([['recorder', ['a:2']]]);
  expect([...judgement.doubled]).toEqual([
    ['gateway', ['a:0']],
    ['never acknowledged', ['a:4']],
  ]);
  expect([ledger.countOf('gateway'), ledger.countOf('recorder'), ledger.countOf('api')]).toEqual([2, 1, 0]);
});
