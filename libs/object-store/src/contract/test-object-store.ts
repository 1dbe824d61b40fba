import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InvalidObjectKeyError } from '../object-key.ts';
import { ObjectNotFoundError, RangeNotSatisfiableError, type ObjectStore } from '../object-store.ts';

/** One place to keep objects in: every test gets a new, empty one. */
export type ObjectStoreFactory = {
  /** A store on the place; called again, another one that sees the same objects, as after a restart. */
  open(): Promise<ObjectStore>;
  dispose(): Promise<void>;
};

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** A stream of `count` parts of `partBytes` each; part n is filled with n. */
async function* stream(count: number, partBytes: number): AsyncIterable<Uint8Array> {
  for (let n = 0; n < count; n += 1) yield new Uint8Array(partBytes).fill(n);
}

async function* failing(part: Uint8Array): AsyncIterable<Uint8Array> {
  yield part;
  throw new Error('The source broke, says the test');
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

/**
 * Declares the tests that every adapter of {@link ObjectStore} has to pass.
 * @param options.excludesReplaces false for a server that looks and writes in two steps when it is asked to replace
 */
export function testObjectStore(
  name: string,
  createFactory: () => Promise<ObjectStoreFactory>,
  { excludesReplaces = true } = {},
): void {
  describe(`${name} as an object store`, { timeout: 30_000 }, () => {
    let factory: ObjectStoreFactory;
    let store: ObjectStore;

    beforeEach(async () => {
      factory = await createFactory();
      store = await factory.open();
    });
    afterEach(() => factory.dispose());

    const readText = async (key: string) => new TextDecoder().decode(await store.read(key));
    const readRange = async (key: string, start: number, end?: number) => {
      const { body } = await store.get(key, end === undefined ? { start } : { start, end });
      return new TextDecoder().decode(Buffer.concat(await collect(body)));
    };
    const listKeys = async (prefix: string) => (await collect(store.list(prefix))).map((object) => object.key);

    it('gives back what was put, and says what it is', async () => {
      const before = Date.now();
      const put = await store.put('a/b/manifest.json', bytesOf('{"version":1}'), { contentType: 'application/json' });
      expect(put).toMatchObject({ key: 'a/b/manifest.json', sizeBytes: 13, contentType: 'application/json' });
      expect(put.etag).toMatch(/^[^"]+$/);
      // Some stores count whole seconds.
      expect(put.modifiedAt).toBeGreaterThanOrEqual(before - 2_000);
      expect(await readText('a/b/manifest.json')).toBe('{"version":1}');
      expect(await store.head('a/b/manifest.json')).toMatchObject({ sizeBytes: 13, etag: put.etag });
      const { body, ...info } = await store.get('a/b/manifest.json');
      await collect(body);
      expect(info).toMatchObject({ etag: put.etag, contentType: 'application/json', sizeBytes: 13 });
    });

    it('still has everything after a restart', async () => {
      const { etag } = await store.put('assets/0123abcd', bytesOf('body{}'), { contentType: 'text/css' });
      store = await factory.open();
      expect(await readText('assets/0123abcd')).toBe('body{}');
      expect(await store.head('assets/0123abcd')).toMatchObject({ contentType: 'text/css', etag });
    });

    it('replaces an object, with another etag and content type', async () => {
      const first = await store.put('x', bytesOf('one'), { contentType: 'text/plain' });
      const second = await store.put('x', bytesOf('two'), { contentType: 'text/css' });
      expect(second.etag).not.toBe(first.etag);
      expect(await readText('x')).toBe('two');
      expect((await store.head('x'))!.contentType).toBe('text/css');
    });

    it('replaces an object only if it is the one that was read', async () => {
      const changed = expect.objectContaining({ code: 'object-changed', retriable: true }) as Error;
      await expect(store.replace('m', bytesOf('late'), 'an-etag-of-old')).rejects.toEqual(changed);
      expect(await store.head('m')).toBeUndefined();

      const first = await store.replace('m', bytesOf('one'), undefined, { contentType: 'text/plain' });
      await expect(store.replace('m', bytesOf('again'), undefined)).rejects.toEqual(changed);
      const second = await store.replace('m', bytesOf('two'), first.etag, { contentType: 'text/plain' });
      await expect(store.replace('m', bytesOf('late'), first.etag)).rejects.toEqual(changed);
      expect(await readText('m')).toBe('two');
      expect(await store.head('m')).toMatchObject({ etag: second.etag, sizeBytes: 3, contentType: 'text/plain' });
    });

    it.runIf(excludesReplaces)('lets one of several replace an object', async () => {
      const { etag } = await store.put('m', bytesOf('before'));
      const tries = Array.from({ length: 8 }, (_, n) => store.replace('m', bytesOf(`by ${n}`), etag));
      const outcomes = await Promise.allSettled(tries);
      const winner = outcomes.findIndex(({ status }) => status === 'fulfilled');
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await readText('m')).toBe(`by ${winner}`);
    });

    it('keeps an empty object', async () => {
      expect(await store.put('empty', new Uint8Array())).toMatchObject({ sizeBytes: 0 });
      expect(await store.read('empty')).toHaveLength(0);
    });

    it('takes a stream and gives one back', async () => {
      const put = await store.put('big.webm', stream(24, 512 * 1024));
      expect(put.sizeBytes).toBe(12 * 1024 * 1024);
      let position = 0;
      let isSame = true;
      for await (const part of (await store.get('big.webm')).body) {
        isSame &&= part[0] === Math.floor(position / (512 * 1024));
        position += part.length;
      }
      expect([position, isSame]).toEqual([put.sizeBytes, true]);
    });

    it('gives back a range, its end excluded, and the size of the whole', async () => {
      await store.put('letters', bytesOf('abcdefghij'));
      expect(await readRange('letters', 2, 5)).toBe('cde');
      expect(await readRange('letters', 0, 1)).toBe('a');
      expect(await readRange('letters', 7)).toBe('hij');
      expect(await readRange('letters', 8, 100)).toBe('ij');
      const { body, sizeBytes } = await store.get('letters', { start: 9 });
      await collect(body);
      expect(sizeBytes).toBe(10);
    });

    it('gives back a range of a large object', async () => {
      await store.put('big.webm', stream(6, 512 * 1024));
      const { body } = await store.get('big.webm', { start: 512 * 1024 - 1, end: 1024 * 1024 + 1 });
      const bytes = Buffer.concat(await collect(body));
      expect([bytes.length, bytes[0], bytes[1], bytes.at(-2), bytes.at(-1)]).toEqual([512 * 1024 + 2, 0, 1, 1, 2]);
    });

    it('lets a reader stop early', async () => {
      await store.put('big.webm', stream(6, 512 * 1024));
      for await (const part of (await store.get('big.webm')).body) {
        expect(part.length).toBeGreaterThan(0);
        break;
      }
      await store.delete(['big.webm']);
      expect(await store.head('big.webm')).toBeUndefined();
    });

    it('refuses a range that starts at or behind the end', async () => {
      await store.put('letters', bytesOf('abc'));
      await expect(store.get('letters', { start: 3 })).rejects.toBeInstanceOf(RangeNotSatisfiableError);
      await expect(store.get('letters', { start: 9, end: 12 })).rejects.toMatchObject({ key: 'letters', sizeBytes: 3 });
    });

    it('says when an object is not there', async () => {
      await store.put('there/is', bytesOf('x'));
      expect(await store.head('there/is-not')).toBeUndefined();
      expect(await store.head('there')).toBeUndefined();
      await expect(store.get('there/is-not')).rejects.toBeInstanceOf(ObjectNotFoundError);
      await expect(store.get('there')).rejects.toBeInstanceOf(ObjectNotFoundError);
      await expect(store.read('there/no/is')).rejects.toMatchObject({ code: 'object-not-found', key: 'there/no/is' });
    });

    it('leaves the old bytes, and no part of the new, when a stream breaks', async () => {
      await store.put('x', bytesOf('old'));
      await expect(store.put('x', failing(bytesOf('new')))).rejects.toThrow('The source broke');
      await expect(store.put('y', failing(bytesOf('new')))).rejects.toThrow('The source broke');
      expect(await readText('x')).toBe('old');
      expect(await listKeys('')).toEqual(['x']);
    });

    it('shows a reader one version or the other while an object is replaced', async () => {
      const versions = ['a', 'b'].map((letter) => bytesOf(letter.repeat(40_000)));
      await store.put('x', versions[0]!);
      const writes = Promise.all(Array.from({ length: 20 }, (_, n) => store.put('x', versions[n % 2]!)));
      const reads = await Promise.all(Array.from({ length: 40 }, () => readText('x')));
      await writes;
      expect(reads.every((text) => text.length === 40_000 && new Set(text).size === 1)).toBe(true);
    });

    it('lists the keys with a prefix, ascending', async () => {
      const keys = ['a', 'ab/c', 'ab/d/e', 'ab-x', 'ab.x', 'abc', 'b/1', 'b/10', 'b/2', 'B'];
      await Promise.all(keys.map((key) => store.put(key, bytesOf(key))));
      expect(await listKeys('')).toEqual([...keys].sort());
      expect(await listKeys('ab')).toEqual(['ab-x', 'ab.x', 'ab/c', 'ab/d/e', 'abc']);
      expect(await listKeys('ab/')).toEqual(['ab/c', 'ab/d/e']);
      expect(await listKeys('b/1')).toEqual(['b/1', 'b/10']);
      expect(await listKeys('nothing/')).toEqual([]);
      expect((await collect(store.list('b/1')))[1]).toMatchObject({ key: 'b/10', sizeBytes: 4 });
    });

    it('deletes many at once, also what is not there', async () => {
      await Promise.all(['r/1', 'r/2', 'r/s/3', 'rest'].map((key) => store.put(key, bytesOf(key))));
      await store.delete(['r/1', 'r/2', 'r/s/3', 'r/4', 'no/such']);
      await store.delete(['r/1']);
      await store.delete([]);
      expect(await listKeys('')).toEqual(['rest']);
    });

    it('deletes nothing but what it is told to', async () => {
      await store.put('r/1', bytesOf('1'));
      await store.delete(['r']);
      expect(await listKeys('')).toEqual(['r/1']);
    });

    it.each([
      '',
      '/',
      '/a',
      'a/',
      'a//b',
      '..',
      '../a',
      'a/../../b',
      'a/./b',
      'a\\b',
      'a b',
      'a\0b',
      '~types/a',
      'ü',
      'x'.repeat(2_000),
    ])('refuses the key %j', async (key) => {
      await expect(store.put(key, bytesOf('x'))).rejects.toBeInstanceOf(InvalidObjectKeyError);
      await expect(store.get(key)).rejects.toBeInstanceOf(InvalidObjectKeyError);
      await expect(store.head(key)).rejects.toBeInstanceOf(InvalidObjectKeyError);
      await expect(store.delete([key])).rejects.toBeInstanceOf(InvalidObjectKeyError);
    });
  });
}
