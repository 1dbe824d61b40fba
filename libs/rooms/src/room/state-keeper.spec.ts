import { expect, it } from 'vitest';
import { StateKeeper } from './state-keeper.ts';

it('writes the newest value once for many changes, never two at a time', async () => {
  const written: number[] = [];
  let value = 0;
  let running = 0;
  const keeper = new StateKeeper({
    write: async () => {
      expect(++running).toBe(1);
      written.push(value);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
    },
    onError: (error) => expect.unreachable(String(error)),
  });
  for (value = 1; value < 10; value++) keeper.changed();
  await keeper.flush();
  expect(written).toEqual([10]);
  await keeper.flush();
  expect(written).toEqual([10]);
  keeper.close();
});

it('tries again after a failure', async () => {
  const errors: unknown[] = [];
  let isBroken = true;
  let wrote = 0;
  const keeper = new StateKeeper({
    write: () => (isBroken ? Promise.reject(new Error('no database')) : Promise.resolve(void wrote++)),
    onError: (error) => errors.push(error),
  });
  keeper.changed();
  await keeper.flush();
  expect([errors.length, wrote]).toEqual([1, 0]);
  isBroken = false;
  await keeper.flush();
  expect(wrote).toBe(1);
  keeper.close();
});
