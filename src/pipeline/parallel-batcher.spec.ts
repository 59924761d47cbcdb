import { setImmediate as nextTurn, setTimeout as after } from 'node:timers/promises';
import { ClientGone, DeadlineExceeded, Overloaded, PredictionLogUnavailable } from '../errors/errors.js';
import { callerWho, FakeReply, fakeRecorder } from '../../test/support/fake-recorder.js';
import { HeldRunner } from '../../test/support/held-runner.js';
import { NoFiniteAnswer } from '../runners/no-finite-answer.js';
import { Pace, SECONDS_APART } from './pace.js';
import { ParallelBatcher } from './parallel-batcher.js';
import type { Call, Caller } from './prediction.js';

class Setting {
  readonly runner: HeldRunner;
  readonly pace = new Pace(SECONDS_APART);
  readonly recording = fakeRecorder();
  readonly batcher;
  private next = 0;

  /** Of a model that takes `secondsPerRow` in each of `parallel` processes. */
  constructor(parallel = 1, secondsPerRow = 0.01) {
    this.runner = new HeldRunner(parallel);
    this.pace.measure(1, secondsPerRow);
    // Runs that are told to end would make it a quick model.
    vi.spyOn(this.pace, 'measure').mockReturnValue(undefined);
    this.batcher = new ParallelBatcher(this.runner, this.recording.recorder, this.pace);
  }

  /** Submits a call of so many rows, numbered on from the call before; its caller may be changed. */
  submit(
    rows: number,
    caller: Partial<Caller> = {},
  ): FakeReply & { caller: { deadline: number; gone: () => boolean } } {
    const call = {
      rows: Array.from({ length: rows }, () => ({ n: this.next++ })),
      caller: callerWho(caller),
      reply: new FakeReply(),
      place: (fault, row) => ({ ...fault, pointer: `/rows/${row}` }),
      accepted: performance.now(),
    } satisfies Call;
    this.batcher.submit(call);
    return Object.assign(call.reply, { caller: call.caller });
  }

  /** What the runs that are under way were given. */
  get held(): readonly (readonly number[])[] {
    return this.runner.held.map(({ numbers }) => numbers);
  }

  /** Ends what is under way, again and again, until all is answered. */
  async finish(): Promise<void> {
    const closed = this.batcher.close().then(() => true);
    while (!(await Promise.race([closed, nextTurn(false)]))) for (const run of this.runner.held) run.end();
  }
}

const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, place) => from + place);
const last = ({ told }: FakeReply): string | undefined => told.at(-1);
const GONE = `fail ${new ClientGone().message}`;
const TOO_LATE = `fail ${new DeadlineExceeded().message}`;

describe(`${ParallelBatcher.name}: its runs`, () => {
  it('are as many at a time as there are processes, and the next begins when one ends', async () => {
    const setting = new Setting(2, 0.05);
    const replies = numbers(0, 4).map(() => setting.submit(1));
    await nextTurn();
    expect(setting.held).toEqual([[0], [1]]);
    setting.runner.held[1]!.end();
    await nextTurn();
    expect(setting.held).toEqual([[0], [2]]);
    expect(replies.map(last)).toEqual([undefined, 'end', undefined, undefined]);
    await setting.finish();

    expect(replies.map(({ told }) => told)).toEqual(numbers(0, 4).map((n) => ['begin 1', `add ${n}`, 'end']));
  });

  it('are spread over the processes that are free, and shared by what waits longer', async () => {
    const setting = new Setting(2);
    for (const rows of [1, 1, 1]) setting.submit(rows);
    await nextTurn();
    expect(setting.held).toEqual([[0, 1], [2]]);
    for (const rows of [1, 3, 2]) setting.submit(rows);
    await nextTurn();
    setting.runner.held[0]!.end();
    await nextTurn();

    // 50 ms at 10 ms a row.
    expect(setting.held).toEqual([[2], [3, 4, 5, 6]]);
    await setting.finish();
    expect(setting.recording.log.writes).toEqual([[0, 1], [2], [3, 4, 5, 6], [7, 8]]);
  });

  it('of a large call go to every process, and let small calls in between', async () => {
    const setting = new Setting(2);
    const large = setting.submit(20);
    await nextTurn();
    expect(setting.held).toEqual([numbers(0, 5), numbers(5, 10)]);
    const small = setting.submit(1);
    const medium = setting.submit(6);
    setting.runner.held[1]!.end();
    await nextTurn();
    setting.runner.held[0]!.end();
    await nextTurn();
    const held = setting.held.flat();
    await setting.finish();

    expect(held).toEqual([20, ...numbers(10, 15)]);
    for (const reply of [large, small, medium]) expect(last(reply)).toBe('end');
    // In the order of its rows, whichever run ended first.
    expect(large.predictions.map(({ prediction }) => prediction)).toEqual(numbers(0, 20));
  });

  it('do not have a call that fits into one wait for all of the larger ones, nor those for all of it', async () => {
    const setting = new Setting();
    const replies = [100, 100, 20, 20, 1, 5, 5, 5].map((rows) => setting.submit(rows));
    const order: number[] = [];
    for (const [call, reply] of replies.entries()) reply.end = () => order.push(call);
    await setting.finish();

    expect(order).toEqual([4, 5, 6, 7, 2, 3, 0, 1]);
  });

  it('keep the records of batches in flight together apart', async () => {
    const setting = new Setting(4, 0.04);
    const replies = [1, 1, 1, 200, 1].map((rows) => setting.submit(rows));
    while (setting.runner.held.length > 0 || !replies.every((reply) => last(reply) === 'end')) {
      // The youngest first.
      setting.runner.held.at(-1)?.end();
      await nextTurn();
    }
    const { log } = setting.recording;

    expect(log.writes.toSorted((a, b) => a[0]! - b[0]!)).toEqual([[0], [1], [2], numbers(3, 203), [203]]);
    expect(log.texts.every((line) => line.startsWith('{"prediction_id"') && line.endsWith('}'))).toBe(true);
  });

  it('say what the call spent, and are no work of the event loop', async () => {
    const setting = new Setting(1, 0.05);
    const long = setting.submit(3);
    await nextTurn();
    await setting.finish();

    expect(long.times).toEqual({ queue: expect.any(Number), run: 4.5, record: expect.any(Number) });
    expect(long.times!.queue).toBeLessThan(1);
    const { stages, batchRows, outcomes } = setting.recording.counts;
    expect([stages.run.sum, batchRows.sum, outcomes.ok]).toEqual([1.5, 3, 3]);
  });
});

describe(`${ParallelBatcher.name}: whoever waits in vain`, () => {
  it('leaves the queue at once, by itself', async () => {
    const setting = new Setting(1, 0.001);
    const first = setting.submit(1);
    await nextTurn();
    const late = setting.submit(1, { deadline: performance.now() + 20 });
    const gone = setting.submit(1);
    const patient = setting.submit(1);
    gone.caller.gone = () => true;
    await after(100);
    expect([late, gone, patient].map(last)).toEqual([TOO_LATE, GONE, undefined]);
    await setting.finish();

    expect(setting.runner.runs.map((run) => run.numbers)).toEqual([[0], [3]]);
    expect([first, patient].map(last)).toEqual(['end', 'end']);
    expect(setting.recording.log.writes).toEqual([[0], [3]]);
  });

  it('is answered in the middle of a run, and the others in it when it ends', async () => {
    const setting = new Setting(1, 0.001);
    const replies = [
      setting.submit(1),
      setting.submit(1, { deadline: performance.now() + 20 }),
      setting.submit(1),
    ];
    await after(100);
    expect(replies.map(last)).toEqual([undefined, TOO_LATE, undefined]);
    await setting.finish();

    expect(replies.map(last)).toEqual(['end', TOO_LATE, 'end']);
    expect(setting.recording.log.writes).toEqual([[0, 2]]);
    expect(setting.recording.counts.outcomes).toEqual({ ok: 2, invalid: 0, error: 0 });
  });

  it('has no further run of a large call', async () => {
    const setting = new Setting(1, 0.05);
    const large = setting.submit(100);
    await nextTurn();
    const next = setting.submit(2);
    large.caller.gone = () => true;
    await after(60);
    expect(last(large)).toBe(GONE);
    await setting.finish();

    expect(setting.runner.runs.map((run) => run.numbers)).toEqual([[0], [100], [101]]);
    expect(last(next)).toBe('end');
  });

  it('gives a run that is worth while for one of its calls the time of that one, and half a second at least', async () => {
    const setting = new Setting(1, 0.001);
    const now = performance.now();
    setting.submit(1, { deadline: now + 2_000 });
    setting.submit(1, { deadline: now + 5_000 });
    await nextTurn();
    await setting.finish();
    setting.submit(1, { deadline: performance.now() + 60 });
    await nextTurn();
    const [shared, short] = setting.runner.runs;
    await setting.finish();

    expect(shared!.deadline).toBe(now + 5_000);
    expect(short!.deadline - now).toBeGreaterThanOrEqual(500);
  });

  it('has its run ended, not before half a second, unless somebody else waits for that too', async () => {
    const setting = new Setting(1, 0.001);
    const [one, other] = [setting.submit(1), setting.submit(1)];
    await nextTurn();
    const [run] = setting.runner.runs;
    expect(run!.numbers).toEqual([0, 1]);
    one.caller.gone = () => true;
    await after(600);
    expect(run!.isAbandoned()).toBe(false);
    other.caller.gone = () => true;
    await after(50);
    expect(run!.isAbandoned()).toBe(true);
    const next = setting.submit(1);
    await setting.finish();
    const short = setting.submit(1);
    await nextTurn();
    short.caller.gone = () => true;
    await after(50);
    expect(setting.runner.runs[2]!.isAbandoned()).toBe(false);
    await setting.finish();
    expect([one, other, next].map(last)).toEqual([GONE, GONE, 'end']);
  });

  it('is looked for while somebody waits, and not otherwise', async () => {
    const setting = new Setting();
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    setting.submit(1);
    setting.submit(1);
    expect(vi.getTimerCount()).toBe(1);
    await setting.finish();
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });
});

describe(`${ParallelBatcher.name}: a run that fails`, () => {
  it('is run again call by call, so that one fault is one caller', async () => {
    const setting = new Setting(1, 0.001);
    const replies = [setting.submit(1), setting.submit(2), setting.submit(1)];
    await nextTurn();
    setting.runner.held[0]!.fail(new NoFiniteAnswer(2));
    await nextTurn();
    expect(setting.held).toEqual([[0]]);
    setting.runner.held[0]!.end();
    await nextTurn();
    expect(setting.held).toEqual([[1, 2]]);
    setting.runner.held[0]!.fail(new NoFiniteAnswer(1));
    await nextTurn();
    await setting.finish();

    expect(replies.map(last)).toEqual([
      'end',
      expect.stringMatching(/^fail \/rows\/1: the model overflows/),
      'end',
    ]);
    expect(setting.recording.log.writes).toEqual([[0], [3]]);
    expect(setting.recording.counts.outcomes).toEqual({ ok: 2, invalid: 1, error: 0 });
  });

  it('ends a large call with the row of all of its rows, and no other run of it begins', async () => {
    const setting = new Setting(1, 0.01);
    const large = setting.submit(20);
    await nextTurn();
    setting.runner.held[0]!.end();
    await nextTurn();
    setting.runner.held[0]!.fail(new NoFiniteAnswer(3));
    await setting.finish();

    expect(last(large)).toMatch(/^fail \/rows\/8: /);
    expect(setting.runner.runs).toHaveLength(2);
  });

  it('is a failure of the rows of its call', async () => {
    const setting = new Setting(1, 0.05);
    const reply = setting.submit(2);
    await nextTurn();
    setting.runner.held[0]!.fail(new RangeError('no process'));
    await setting.finish();

    expect(last(reply)).toBe('fail no process');
    expect(setting.recording.counts.outcomes.error).toBe(2);
  });

  it('teaches what a run takes where it was ended for its time', async () => {
    const setting = new Setting(1, 0.001);
    setting.submit(1);
    await nextTurn();
    await after(30);
    setting.runner.held[0]!.fail(new DeadlineExceeded());
    await setting.finish();

    expect(setting.pace.measure).toHaveBeenCalledExactlyOnceWith(
      1,
      expect.toSatisfy((seconds) => seconds > 0.025),
    );
  });
});

describe(`${ParallelBatcher.name}: records`, () => {
  it('of calls that shared a run are tried alone where one does not fit', async () => {
    const setting = new Setting(1, 0.001);
    setting.recording.log.room = 2;
    const replies = [setting.submit(1), setting.submit(3), setting.submit(1)];
    await nextTurn();
    await setting.finish();

    expect(setting.recording.log.writes).toEqual([[0], [4]]);
    expect(replies.map(last)).toEqual(['end', expect.stringMatching(/^fail the prediction cannot/), 'end']);
    expect(setting.runner.runs).toHaveLength(1);
  });

  it('that are not on the disk yet hold up no run, and no deadline takes them back', async () => {
    const setting = new Setting(1, 0.05);
    const { promise, resolve } = Promise.withResolvers<void>();
    setting.recording.log.sync = promise;
    const first = setting.submit(1, { deadline: performance.now() + 50 });
    const second = setting.submit(1);
    await nextTurn();
    setting.runner.held[0]!.end();
    await nextTurn();
    expect(setting.held).toEqual([[1]]);
    await after(100);
    expect(last(first)).toBe('add 0');
    resolve();
    await setting.finish();

    expect([first, second].map(last)).toEqual(['end', 'end']);
  });

  it('that cannot be written refuse a call at once', () => {
    const setting = new Setting();
    setting.recording.log.isWritable = false;

    expect(() => setting.submit(1)).toThrow(PredictionLogUnavailable);
  });
});

describe(`${ParallelBatcher.name}: what waits`, () => {
  it('is nothing while a process is free, and then what all of them have to do', async () => {
    const setting = new Setting(2, 0.05);
    setting.submit(1);
    await nextTurn();
    expect(setting.batcher.wait(1)).toBe(0);
    for (let call = 0; call < 5; call++) setting.submit(1);
    await nextTurn();

    // Four wait for two processes, which are done in a moment.
    expect(setting.batcher.waitingCalls).toBe(4);
    expect(setting.batcher.wait(1)).toBeGreaterThan(0.1);
    expect(setting.batcher.wait(1)).toBeLessThanOrEqual(0.15);
    await setting.finish();
    expect(setting.batcher.wait(1_000)).toBe(0);
  });

  it('before a small call is not all that waits of large ones', async () => {
    const setting = new Setting(1, 0.01);
    setting.submit(300);
    await nextTurn();

    expect(setting.batcher.wait(1_000)).toBeGreaterThan(2.9);
    expect(setting.batcher.wait(20)).toBeLessThan(0.2);
    expect(setting.batcher.seconds(300)).toBeLessThan(0.2);
    expect(setting.batcher.seconds(70_000)).toBeGreaterThan(2.9);
    expect(setting.batcher.wait(1)).toBeLessThan(0.2);
    await setting.finish();
  });

  it('has a call refused that would not be answered in time, or would wait longer than is sensible', async () => {
    const setting = new Setting(1, 0.05);
    const replies = [setting.submit(1)];
    await nextTurn();
    for (let call = 0; call < 3; call++) replies.push(setting.submit(1));
    expect(() => setting.submit(1, { deadline: performance.now() + 100 })).toThrow(Overloaded);
    while (setting.batcher.wait(1) <= 0.5) replies.push(setting.submit(1));
    expect(() => setting.submit(1)).toThrow(Overloaded);
    expect(replies.length).toBeGreaterThan(9);
    await setting.finish();

    expect(replies.every((reply) => last(reply) === 'end')).toBe(true);
  });

  it('tells who is refused when to come back, each later than the one before', async () => {
    const setting = new Setting(1, 1);
    const times: number[] = [];
    setting.submit(1);
    await nextTurn();
    while (setting.batcher.wait(1) <= 8) setting.submit(1);
    for (let call = 0; call < 10; call++) {
      try {
        setting.submit(1);
      } catch (error) {
        times.push((error as Overloaded).retryAfter);
      }
    }
    await setting.finish();

    expect(times).toHaveLength(10);
    expect(times[0]).toBeGreaterThanOrEqual(7);
    expect(times.at(-1)).toBeGreaterThanOrEqual(14);
  });
});
