import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createEventParser, parseEnvelope } from './parse.ts';
import { unwrapEvent, wrapEvent } from './wrap.ts';

const parser = createEventParser([
  {
    id: 'counter',
    events: { 'counted.v1': z.object({ by: z.int() }) },
    initialState: 0,
    reduce: (state) => state,
  },
]);

describe('an event parser', () => {
  it('gives back a valid event with its data', () => {
    const event = {
      type: 'rushes.chat.message-sent.v1',
      atMs: 5,
      participantId: 'ada',
      data: { messageId: 'm1', text: 'hi' },
    };
    expect(parser.parse(event)).toEqual(event);
  });

  it('names the field and what was expected when data is wrong', () => {
    expect(() =>
      parser.parse({ type: 'rushes.poll.voted.v1', atMs: 0, data: { pollId: 'p', optionIds: [3] } }),
    ).toThrow(/data\.optionIds\.0: .*expected string/);
  });

  it('refuses a type outside the catalogue', () => {
    expect(() => parser.parse({ type: 'rushes.chat.shouted.v1', atMs: 0, data: {} })).toThrow(/not in the catalogue/);
  });

  it('refuses a name that every object inherits', () => {
    expect(() => parser.parse({ type: 'constructor', atMs: 0, data: {} })).toThrow(/not in the catalogue/);
  });

  it('checks the events of a plugin it knows', () => {
    const type = 'rushes.plugin.counter.counted.v1';
    expect(parser.parse({ type, atMs: 1, data: { by: 2 } }).data).toEqual({ by: 2 });
    expect(() => parser.parse({ type, atMs: 1, data: { by: 'two' } })).toThrow(/data\.by/);
    expect(() => parser.parse({ type: 'rushes.plugin.counter.reset.v1', atMs: 1, data: {} })).toThrow(
      /has no reset\.v1/,
    );
  });

  it('keeps small events of a plugin it does not know, and refuses huge ones', () => {
    const type = 'rushes.plugin.stranger.moved.v1';
    expect(parser.parse({ type, atMs: 1, data: { x: 1 } }).data).toEqual({ x: 1 });
    expect(() => parser.parse({ type, atMs: 1, data: 'x'.repeat(70_000) })).toThrow(/at most 65536 characters/);
  });

  it('brings the first version of poll.opened up to date', () => {
    const old = { pollId: 'p1', question: 'Tea?', options: ['yes', 'no'] };
    expect(parser.parse({ type: 'rushes.poll.opened.v1', atMs: 9, participantId: 'ada', data: old })).toEqual({
      type: 'rushes.poll.opened.v2',
      atMs: 9,
      participantId: 'ada',
      data: {
        pollId: 'p1',
        question: 'Tea?',
        options: [
          { optionId: '0', text: 'yes' },
          { optionId: '1', text: 'no' },
        ],
        multiple: false,
      },
    });
  });

  it('refuses an old version whose data cannot be brought up to date', () => {
    expect(() => parser.parse({ type: 'rushes.poll.opened.v1', atMs: 0, data: null })).toThrow(/expected an object/);
    expect(() => parser.parse({ type: 'rushes.poll.opened.v1', atMs: 0, data: { options: 'yes' } })).toThrow(/array/);
  });
});

describe('an envelope', () => {
  const event = { type: 'rushes.hand.raised.v1', atMs: 1200, participantId: 'ada', data: {} };
  const envelope = wrapEvent(event, { recordingId: 'r1', source: 'participants/ada/c1', seq: 7, nowMs: 0 });

  it('is read back as it was written', () => {
    expect(unwrapEvent(parseEnvelope(JSON.parse(JSON.stringify(envelope))))).toEqual(event);
    expect(envelope.id).toBe('participants/ada/c1#7');
  });

  it('is refused with the field when an attribute is missing', () => {
    expect(() => parseEnvelope({ ...envelope, seq: -1 })).toThrow(/event\.seq/);
    expect(() => parseEnvelope({ ...envelope, source: 'nobody' })).toThrow(/event\.source: expected participants/);
  });
});
