import { expect, it } from 'vitest';
import { IntakeBudget } from './intake-budget.ts';

it('lets those who wait go on in turn when there is room, and forgets who has gone', () => {
  const budget = new IntakeBudget(100);
  const resumed: string[] = [];
  budget.hold(60);
  expect(budget.isUsedUp).toBe(false);
  budget.hold(60);
  expect(budget.isUsedUp).toBe(true);
  const gone = () => resumed.push('gone');
  budget.wait(gone);
  budget.wait(() => {
    resumed.push('first');
    budget.hold(90);
  });
  budget.wait(() => resumed.push('second'));
  budget.forget(gone);
  budget.release(10);
  expect(resumed).toEqual([]);
  budget.release(60);
  expect(resumed).toEqual(['first']);
  budget.release(90);
  expect(resumed).toEqual(['first', 'second']);
  expect(budget.heldBytes).toBe(50);
});
