import type { ImportDocumentInput, TrackSource } from '@rushes/timeline';

const media = /\.(webm|mkv|mka|mp4|m4a|m4v|ogg|oga|ogv|opus|wav)$/i;
const page = /[.-]?rrweb\.(json|ndjson|jsonl)$/i;
const chat = /^chat(?:[.-][^/]*)?\.(txt|json|ndjson|jsonl)$/i;

/** Words at the end of a file's name that say what it shows. */
const sources: readonly [word: RegExp, source: TrackSource][] = [
  [/screen[-_ ]?audio$/i, 'screenAudio'],
  [/screen(?:[-_ ]?(?:share|video))?$/i, 'screen'],
  [/(?:cam(?:era)?[-_ ]?)?video$|cam(?:era)?$/i, 'camera'],
  [/mic(?:rophone)?$|audio$/i, 'microphone'],
];

/**
 * What a folder without import.json means: `ann-camera.webm`, `ann.webm` and `ann/camera.webm` are Ann's, `ann.rrweb.json` is what she
 * saw, `chat.txt` is the chat. `left`: files that say nothing by their names.
 */
export function guessDocument(files: readonly string[]): { document: ImportDocumentInput; left: [string, string][] } {
  const names = new Map<string, string>();
  const personOf = (name: string): string => {
    const id = idOf(name);
    if (!names.has(id)) names.set(id, name);
    return id;
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
      const found = sources.find(([word]) => word.test(stem));
      const rest = found ? stem.replace(found[0], '').replace(/[-_. ]+$/, '') : stem;
      const participant = personOf(nameOf(rest, found || parent === undefined ? parent : undefined));
      document.tracks.push({ file, participant, ...(found ? { source: found[1] } : {}) });
    } else if (/\.rtpdump$/i.test(base)) {
      left.push([file, 'expected import.json, which says the codec of RTP packets']);
    } else {
      left.push([file, 'expected WebM, MKV, MKA, MP4, OGG, WAV, <name>.rrweb.json or chat.txt']);
    }
  }
  const participants = [...names].map(([id, name]) => ({ id, name: name.slice(0, 100) }));
  return { document: { ...document, participants }, left };
}

function nameOf(stem: string, parent: string | undefined): string {
  return stem || parent || 'somebody';
}

/** An id that says the name. */
function idOf(name: string): string {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '');
  const id = plain
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40)
    .toLowerCase();
  return id || `p-${Buffer.from(name).toString('hex').slice(0, 20)}`;
}
