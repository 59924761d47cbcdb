import { setTimeout as after } from 'node:timers/promises';
import { VersionFolder } from '../../src/artifacts/version-folder.js';
import { DeadlineExceeded, Overloaded } from '../../src/errors/errors.js';
import { Backlog } from '../../src/pipeline/backlog.js';
import { batcherOf } from '../../src/pipeline/batcher-of.js';
import type { Caller } from '../../src/pipeline/prediction.js';
import { ModelRunner } from '../../src/runners/model-runner.js';
import { atEnd } from '../support/clean-up.js';
import { FakeReply, fakeRecorder } from '../support/fake-recorder.js';
import { copyWithWork, workOf } from '../support/graphs.js';
import { isAlive, until } from '../support/processes.js';

const { folder } = copyWithWork('busy', [20]);
const isolation = { processes: 1, threads: 1, memoryBytes: 512 * 2 ** 20, budgetMs: 5, secondsPerRow: 0.02 };
const runner = await ModelRunner.load(await VersionFolder.open(folder), isolation);
atEnd(() => runner.release());
const { recorder, log } = fakeRecorder();
const backlog = new Backlog();
const batcher = batcherOf(runner, recorder, backlog, runner.secondsPerRow);

/** Submits rows that cost so much; `times` says when the reply has heard its end. */
function submit(
  works: readonly number[],
  withinMs = 60_000,
  caller: Partial<Caller> = {},
): FakeReply & { at: number } {
  const accepted = performance.now();
  const reply = Object.assign(new FakeReply(), { at: 0 });
  const { fail, end } = reply;
  reply.fail = (error) => ((reply.at = performance.now()), fail.call(reply, error));
  reply.end = (times) => ((reply.at = performance.now()), end.call(reply, times));
  batcher.submit({
    rows: works.map((work) => ({ ...workOf(work), n: work })),
    caller: {
      requestId: 'id',
      route: '/',
      principal: null,
      deadline: accepted + withinMs,
      gone: () => false,
      pay: () => undefined,
      ...caller,
    },
    reply,
    place: (fault) => fault,
    accepted,
  });
  return reply;
}
const isOver = ({ at }: { at: number }) => at > 0;
const last = ({ told }: FakeReply): string | undefined => told.at(-1);
const TOO_LATE = `fail ${new DeadlineExceeded().message}`;

describe('calls of a model that runs in a process of its own', () => {
  it('are answered and recorded, small and large ones beside each other, and are no work of the event loop', async () => {
    const before = log.writes.length;
    const replies = [submit([1]), submit(Array.from({ length: 40 }, () => 5)), submit([1]), submit([2, 3])];
    expect(backlog.seconds(1_000_000)).toBe(0);
    await until(() => replies.every(isOver));

    expect(replies.map(last)).toEqual(replies.map(() => 'end'));
    expect(log.writes.slice(before).flat()).toHaveLength(44);
    expect(replies[1]!.predictions).toHaveLength(40);
  });

  it('are told at their deadline in the middle of a run, whose process goes, and the next call is answered', async () => {
    const [pid] = runner.pool!.pids as [number];
    const before = log.writes.length;
    const started = performance.now();
    const reply = submit([1_000_000], 700);
    await until(() => isOver(reply));
    expect(last(reply)).toBe(TOO_LATE);
    // A timer of Node may go off a millisecond before its time.
    expect(reply.at - started).toBeGreaterThan(699);
    expect(reply.at - started).toBeLessThan(1_500);
    await until(() => !isAlive(pid));
    expect(performance.now() - started).toBeLessThan(4_000);
    const next = submit([1]);
    await until(() => isOver(next));

    expect(last(next)).toBe('end');
    expect(log.writes).toHaveLength(before + 1);
  });

  it('cost no process where they end soon after their deadline', async () => {
    const first = submit([1]);
    await until(() => isOver(first));
    const [pid] = runner.pool!.pids as [number];
    const reply = submit([60], 5);
    await until(() => isOver(reply));
    expect(last(reply)).toBe(TOO_LATE);
    await after(300);
    const next = submit([1]);
    await until(() => isOver(next));

    expect(last(next)).toBe('end');
    expect(runner.pool!.pids).toEqual([pid]);
  });

  it('are refused where more of them wait than are answered in time, and as many as are taken are answered', async () => {
    const taken: FakeReply[] = [];
    const times: number[] = [];
    for (let call = 0; call < 400; call++) {
      try {
        taken.push(submit([20], 20_000));
      } catch (error) {
        expect(error).toBeInstanceOf(Overloaded);
        times.push((error as Overloaded).retryAfter);
      }
      // The first ones are under way when the others come.
      if (call === 0) await after(0);
    }
    await until(() => taken.every((reply) => ['end', TOO_LATE].includes(last(reply) ?? '')));

    expect(times.length).toBeGreaterThan(100);
    expect(times.at(-1)).toBeGreaterThan(times[0]!);
    expect(taken.map(last)).toEqual(taken.map(() => 'end'));
    await batcher.close();
  });
});
