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
