import { twoWorkers } from '../../test/support/two-workers.js';
import type { AppLogger } from '../observability/app-logger.js';
import type { StateDatabase } from '../state/state-database.js';
import { JobQueue } from './job-queue.js';
import { ordered } from './job.js';

const LEASE_MS = 30_000;

describe('a queue', () => {
  it('looks for silent runners each second while a job runs, every five while none does', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const waiting = ordered(
      { id: 'j1', model: 'iris', arguments: '{}', principal: '', trigger: 'request', key: 'j1' },
      Date.now(),
    );
    let looks = 0;
    const answers: Record<string, () => unknown> = {
      listJobs: () => (looks++, []),
      nextJob: () => waiting,
      changeJob: () => true,
      pruneJobs: () => undefined,
    };
    const state = { run: (name: string) => Promise.resolve(answers[name]!()) } as unknown as StateDatabase;
    const isPublished = (): Promise<boolean> => Promise.resolve(false);
    const [first, second] = twoWorkers();
    const queue = new JobQueue(state, {} as AppLogger, isPublished, LEASE_MS, first);
    // The other worker leaves it to the first.
    new JobQueue(state, {} as AppLogger, isPublished, LEASE_MS, second).onApplicationBootstrap();
    queue.onApplicationBootstrap();
    onTestFinished(() => queue.beforeApplicationShutdown());
    const looksIn = async (seconds: number): Promise<number> => {
      const before = looks;
      await vi.advanceTimersByTimeAsync(seconds * 1_000);
      return looks - before;
    };

    // The first is after a second: it may be that jobs ran when the server began.
    expect(await looksIn(1)).toBe(1);
    expect(await looksIn(20)).toBe(4);
    const { job } = (await queue.claim('r1', ['iris'], () => false))!;
    answers.listJobs = () => (looks++, [job]);
    expect(await looksIn(10)).toBe(10);
  });
});
