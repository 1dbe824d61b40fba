import { expect, it } from 'vitest';
import { keepTrying } from './keep-trying.ts';

const away = (): Error => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
const { signal } = new AbortController();

it('does the work again while what it needs is away, and says why', async () => {
  const failures = [away(), away()];
  const told: unknown[] = [];
  const work = async (): Promise<string> => {
    const failure = failures.shift();
    if (failure) throw failure;
    return 'done';
  };
  expect(await keepTrying(work, { signal, onRetry: (error) => told.push(error) })).toBe('done');
  expect(told).toHaveLength(2);
});

it('leaves other failures to the caller', async () => {
  const wrong = new Error('no such column');
  await expect(keepTrying(() => Promise.reject(wrong), { signal })).rejects.toBe(wrong);
});

it('ends with the signal’s reason when it is aborted in a pause', async () => {
  const ending = new AbortController();
  const reason = new Error('the process ends');
  const trying = keepTrying(() => Promise.reject(away()), {
    signal: ending.signal,
    onRetry: () => setImmediate(() => ending.abort(reason)),
  });
  await expect(trying).rejects.toBe(reason);
});
