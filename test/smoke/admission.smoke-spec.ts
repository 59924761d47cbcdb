import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const BENCH = fileURLToPath(new URL('../../bench/admission.mjs', import.meta.url));
const HAS_CORES = process.platform === 'linux' && availableParallelism() >= 2;

/** The short form of `npm run bench:admission`; its times say nothing here. */
describe.runIf(HAS_CORES)('a small container under more load than it has memory or time for', () => {
  it.each([
    ['bodies', /503 \d+/],
    ['rows', /503 \d+/],
    ['uploads', /503 \d+/],
    ['unread', /opened \d+/],
    ['open', /good \d+/],
  ])(
    '%s: it lives, its memory is bounded, small calls are answered, and refusals say when to come back',
    async (load, outcome) => {
      const { stdout } = await promisify(execFile)(process.execPath, [
        BENCH,
        '--seconds',
        '3',
        '--only',
        load,
      ]);

      expect(stdout).toContain('killed: no');
      expect(Number(/RSS at most (\d+) MB/.exec(stdout)![1])).toBeLessThanOrEqual(450);
      expect(stdout).toMatch(outcome);
      expect(stdout).not.toContain('without Retry-After');
      expect(stdout).not.toMatch(/broken \d/);
      expect(Number(/small calls .*?([\d.]+) % answered/.exec(stdout)![1])).toBeGreaterThan(0);
    },
    120_000,
  );
});
