import { expect, it } from 'vitest';
import { guessDocument } from './guess-document.ts';

it('takes names and what is shown from file and folder names', () => {
  const { document, left } = guessDocument([
    'Ann Lee-camera.webm',
    'Ann Lee-microphone.ogg',
    'ben.mp4',
    'cem/video.mkv',
    'cem/screen-share.webm',
    'cem/audio.mka',
    'Ünal.wav',
    'ann-lee.rrweb.json',
    'chat.txt',
  ]);
  expect(document.participants).toEqual([
    { id: 'ann-lee', name: 'Ann Lee' },
    { id: 'ben', name: 'ben' },
    { id: 'cem', name: 'cem' },
    { id: 'unal', name: 'Ünal' },
  ]);
  expect(document.tracks?.map(({ participant, source }) => [participant, source])).toEqual([
    ['ann-lee', 'camera'],
    ['ann-lee', 'microphone'],
    ['ben', undefined],
    ['cem', 'camera'],
    ['cem', 'screen'],
    ['cem', 'microphone'],
    ['unal', undefined],
  ]);
  expect(document.pages).toEqual([{ file: 'ann-lee.rrweb.json', participant: 'ann-lee' }]);
  expect(document.chats).toEqual([{ file: 'chat.txt' }]);
  expect(left).toEqual([]);
});

it('says of each other file what was expected', () => {
  expect(guessDocument(['ann.rtpdump', 'minutes.docx']).left).toEqual([
    ['ann.rtpdump', expect.stringContaining('import.json, which says the codec')],
    ['minutes.docx', expect.stringContaining('expected WebM')],
  ]);
});

it('has ids of names in any script', () => {
  const { participants } = guessDocument(['安.webm', '李.webm']).document;
  expect(participants?.map(({ name }) => name)).toEqual(['安', '李']);
  expect(new Set(participants?.map(({ id }) => id)).size).toBe(2);
});

it('tells people apart whose names say the same in ids', () => {
  const names = [
    ...['Алексей', 'Александра', 'Иван 2', 'Пётр 2', 'Ünal', 'Unal'],
    ...['one', 'two'].map((end) => `${'A very long name of a company '.repeat(2)}${end}`),
  ];
  const { participants } = guessDocument(names.map((name) => `${name}.webm`)).document;
  expect(participants?.map(({ name }) => name)).toEqual(names);
  expect(new Set(participants?.map(({ id }) => id)).size).toBe(names.length);
  for (const { id } of participants!) expect(id).toMatch(/^[a-z0-9][a-z0-9-]{0,63}$/);
});

it('takes one name for one person however it is written', () => {
  const { tracks } = guessDocument([
    'Алексей-camera.webm',
    'АЛЕКСЕЙ/audio.ogg',
    'Ann Lee.webm',
    'ann_lee-mic.wav',
  ]).document;
  const [first, second, third, fourth] = tracks!.map(({ participant }) => participant);
  expect([second, fourth]).toEqual([first, third]);
});

it('does not take the end of a name for what is shown', () => {
  const { tracks, participants } = guessDocument(['Claudio.webm', 'Cam.webm', 'Cam/cam.webm', 'audio.ogg']).document;
  expect(participants?.map(({ name }) => name)).toEqual(['Claudio', 'Cam', 'somebody']);
  expect(tracks?.map(({ participant, source }) => [participant, source])).toEqual([
    ['claudio', undefined],
    ['cam', undefined],
    ['cam', 'camera'],
    ['somebody', 'microphone'],
  ]);
});
