import { createHash } from 'node:crypto';
import type { ImportDocumentInput, TrackSource } from '@rushes/timeline';

const media = /\.(webm|mkv|mka|mp4|m4a|m4v|ogg|oga|ogv|opus|wav)$/i;
const page = /[.-]?rrweb\.(json|ndjson|jsonl)$/i;
const chat = /^chat(?:[.-][^/]*)?\.(txt|json|ndjson|jsonl)$/i;

/** Words at the end of a file's name that say what it shows. Names may end like them: Claudio. */
const sources: readonly [word: RegExp, source: TrackSource][] = [
  [/(?:^|[-_. ])screen[-_ ]?audio$/i, 'screenAudio'],
  [/(?:^|[-_. ])screen(?:[-_ ]?(?:share|video))?$/i, 'screen'],
  [/(?:^|[-_. ])(?:(?:cam(?:era)?[-_ ]?)?video|cam(?:era)?)$/i, 'camera'],
  [/(?:^|[-_. ])(?:mic(?:rophone)?|audio)$/i, 'microphone'],
];
/** Where nobody else is named, somebody is called so. */
const alsoName = /^(?:cam|mic)$/i;

/**
 * What a folder without import.json means: `ann-camera.webm`, `ann.webm` and `ann/camera.webm` are Ann's, `ann.rrweb.json` is what she
 * saw, `chat.txt` is the chat. `left`: files that say nothing by their names.
 */
export function guessDocument(files: readonly string[]): { document: ImportDocumentInput; left: [string, string][] } {
  const people = new Map<string, { id: string; name: string }>();
  const ids = new Set<string>();
  const personOf = (name: string): string => {
    const key = keyOf(name);
    let person = people.get(key);
    if (!person) {
      const id = idOf(name);
      person = { id: ids.has(id) ? `${id}-${digestOf(key)}` : id, name: name.slice(0, 100) };
      people.set(key, person);
      ids.add(person.id);
    }
    return person.id;
  };
  const document = { tracks: [], pages: [], chats: [] } as Required<
    Pick<ImportDocumentInput, 'tracks' | 'pages' | 'chats'>
  >;
  const left: [string, string][] = [];
  for (const file of files) {
    const [base = '', parent] = file.split('/').reverse();
    if (chat.test(base)) document.chats.push({ file });
    else if (page.test(base))
      document.pages.push({ file, participant: personOf(nameOf(base.replace(page, ''), parent)) });
    else if (media.test(base)) {
      const stem = base.replace(media, '');
      const isName = parent === undefined && alsoName.test(stem);
      const found = isName ? undefined : sources.find(([word]) => word.test(stem));
      const rest = found ? stem.replace(found[0], '').replace(/[-_. ]+$/, '') : stem;
      const participant = personOf(nameOf(rest, found || parent === undefined ? parent : undefined));
      document.tracks.push({ file, participant, ...(found ? { source: found[1] } : {}) });
    } else if (/\.rtpdump$/i.test(base)) {
      left.push([file, 'expected import.json, which says the codec of RTP packets']);
    } else {
      left.push([file, 'expected WebM, MKV, MKA, MP4, OGG, WAV, <name>.rrweb.json or chat.txt']);
    }
  }
  return { document: { ...document, participants: [...people.values()] }, left };
}

function nameOf(stem: string, parent: string | undefined): string {
  return stem || parent || 'somebody';
}

/** The same for all ways in which one name is written: in capitals or not, with spaces or hyphens. */
function keyOf(name: string): string {
  const words = name
    .normalize('NFKC')
    .toLowerCase()
    .match(/[\p{L}\p{M}\p{N}]+/gu);
  return words?.join('-') ?? name;
}

/** An id that says as much of the name as ids can. */
function idOf(name: string): string {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '');
  const id = plain
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40)
    .toLowerCase();
  return id || `p-${digestOf(keyOf(name))}`;
}

function digestOf(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 12);
}
