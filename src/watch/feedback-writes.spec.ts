import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Given } from '../state/stored-feedback.js';
import { FeedbackWrites } from './feedback-writes.js';

/** Writes that end when they are told to; each value says what it changes. */
function heldWrites(): { writes: FeedbackWrites<Given>; begun: Given[][]; end: (fault?: Error) => void } {
  const begun: Given[][] = [];
  let held = Promise.withResolvers<void>();
  const writes = new FeedbackWrites<Given>(async (values) => {
    begun.push([...values]);
    held = Promise.withResolvers<void>();
    await held.promise;
    return values;
  });
  return { writes, begun, end: (fault) => (fault === undefined ? held.resolve() : held.reject(fault)) };
}

const some = (count: number): Given[] => Array.from({ length: count }, () => 'accepted');

describe(FeedbackWrites.name, () => {
  it('does one write at a time, and all that came meanwhile in the next', async () => {
    const { writes, begun, end } = heldWrites();
    const first = writes.put(['accepted'], 1);
    const second = writes.put(['replaced', 'unchanged'], 2);
    const third = writes.put(['accepted'], 1);
    expect(begun).toEqual([['accepted']]);
    end();
    expect(await first).toEqual(['accepted']);
    await nextTurn();
    expect(begun).toEqual([['accepted'], ['replaced', 'unchanged', 'accepted']]);
    end();
    expect(await Promise.all([second, third])).toEqual([['replaced', 'unchanged'], ['accepted']]);
  });

  it('makes no write of several larger than one may be', async () => {
    const { writes, begun, end } = heldWrites();
    const all = [some(1), some(150), some(50), some(1)].map((values) => writes.put(values, 1));
    const large = [200_000, 100_000].map((characters) => writes.put(['accepted'], characters));
    for (const count of [1, 200, 2, 1]) {
      expect(begun.at(-1)).toHaveLength(count);
      end();
      await nextTurn();
    }

    await Promise.all([...all, ...large]);
    expect(begun).toHaveLength(4);
  });

  it('fails those whose write has failed, and goes on', async () => {
    const { writes, end } = heldWrites();
    const [first, second] = [writes.put(['accepted'], 1), writes.put(['replaced'], 1)];
    end(new Error('away'));
    await expect(first).rejects.toThrow('away');
    await nextTurn();
    end();
    expect(await second).toEqual(['replaced']);
  });
});
