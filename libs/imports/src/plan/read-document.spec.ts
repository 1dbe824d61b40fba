import { describe, expect, it } from 'vitest';
import { ImportError } from '../import-error.ts';
import { parseDocument } from './read-document.ts';

const parse = (document: object) => parseDocument(JSON.stringify(document));
const ann = { file: 'ann.webm', participant: 'ann' };

describe('import.json', () => {
  it('may leave almost everything out', () => {
    expect(parse({ tracks: [ann] })).toMatchObject({
      roomId: 'imported',
      sharedTimestamps: false,
      pages: [],
      chats: [],
    });
  });

  it('may begin with a byte order mark', () => {
    expect(parseDocument(`\uFEFF${JSON.stringify({ tracks: [ann] })}`).tracks).toMatchObject([ann]);
  });

  it.each<[string, object, string, RegExp]>([
    ['an unknown field', { trakcs: [] }, 'trakcs', /no such field/],
    [
      'a path out of the folder',
      { tracks: [{ ...ann, file: 'a/../../etc/passwd' }] },
      'tracks.0.file',
      /in the folder/,
    ],
    [
      'a path out of the folder behind a line break',
      { pages: [{ ...ann, file: 'x\n/../../../etc/hosts' }] },
      'pages.0.file',
      /in the folder/,
    ],
    ['an absolute path', { chats: [{ file: '/etc/passwd' }] }, 'chats.0.file', /in the folder/],
    ['a source that is none', { tracks: [{ ...ann, source: 'cam' }] }, 'tracks.0.source', /camera/],
    [
      'a participant who is not listed',
      { participants: [{ id: 'ben' }], tracks: [ann] },
      'tracks.0.participant',
      /one of .*ben/,
    ],
    ['the same participant twice', { participants: [{ id: 'ben' }, { id: 'ben' }] }, 'participants.1.id', /another id/],
    [
      'two placements',
      { tracks: [{ ...ann, startMs: 1, startsAt: 1 }] },
      'tracks.0.startsAt',
      /either startMs or startsAt/,
    ],
    ['a time without its offset', { recordedAt: '2026-03-01T09:30' }, 'recordedAt', /2026-03-01T09:30:00Z/],
    [
      'a codec that is no MIME type',
      { tracks: [{ ...ann, rtp: { codec: 'opus' } }] },
      'tracks.0.rtp.codec',
      /audio\/opus/,
    ],
    [
      'somebody who leaves before coming',
      { participants: [{ id: 'ann', presences: [{ joinedMs: 5, leftMs: 4 }] }] },
      'participants.0.presences.0.leftMs',
      /at or after joinedMs/,
    ],
  ])('is refused for %s, which is named', (_, document, field, expected) => {
    try {
      parse(document);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(ImportError);
      const { code, facts } = error as ImportError;
      expect([code, facts.fields]).toEqual([
        'import-json-invalid',
        [{ field, expected: expect.stringMatching(expected) as string }],
      ]);
    }
  });

  it('is refused when it is no JSON', () => {
    expect(() => parseDocument('{"title":')).toThrow(/^import.json: expected JSON: /);
  });
});
