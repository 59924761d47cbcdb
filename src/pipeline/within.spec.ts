import { DeadlineExceeded } from '../errors/errors.js';
import { within } from './within.js';

const never = new Promise<never>(() => undefined);

describe(within.name, () => {
  it('gives what comes in time, and what is thrown', async () => {
    await expect(within(performance.now() + 60_000, Promise.resolve(1))).resolves.toBe(1);
    await expect(within(Infinity, Promise.resolve(2))).resolves.toBe(2);
    await expect(within(Infinity, Promise.reject(new RangeError('no')))).rejects.toThrow('no');
  });

  it.each([5, 0, -1_000])('waits no longer than %d ms', async (milliseconds) => {
    await expect(within(performance.now() + milliseconds, never)).rejects.toThrow(DeadlineExceeded);
  });
});
