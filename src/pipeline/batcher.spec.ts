import { setImmediate as nextTurn } from 'node:timers/promises';
import { ClientGone, DeadlineExceeded, Overloaded, PredictionLogUnavailable } from '../errors/errors.js';
import type { Row } from '../inputs/input-check.js';
import type { Decision } from '../runners/decoder.js';
import { NoFiniteAnswer } from '../runners/no-finite-answer.js';
import type { RunTimes } from '../runners/run-times.js';
import { Backlog } from './backlog.js';
import { Batcher } from './batcher.js';
import { callerWho, FakeReply, fakeRecorder } from '../../test/support/fake-recorder.js';
import { decisionOf } from '../../test/support/held-runner.js';
import { Pace } from './pace.js';
import type { Call, Caller } from './prediction.js';
import { RecordedRows } from './recorded-rows.js';

/** Answers each row by its own number; keeps what it was asked, and may be told to fail. */
class FakeRunner {
  readonly runs: number[][] = [];
  fault: ((numbers: readonly number[]) => Error | undefined) | undefined;
  /** What each run takes, by its own account. */
  times: RunTimes = { encode: 0, run: 0, decode: 0 };

  run(rows: readonly Row[], times: RunTimes): readonly Decision[] {
    const numbers = rows.map((row) => row['n'] as number);
    this.runs.push(numbers);
    for (const stage of ['encode', 'run', 'decode'] as const) times[stage] += this.times[stage];
    const fault = this.fault?.(numbers);
    if (fault !== undefined) throw fault;
    return numbers.map(decisionOf);
  }
}

class Setting {
  readonly runner = new FakeRunner();
  readonly backlog = new Backlog();
  readonly pace = new Pace();
  readonly log;
  readonly lines;
  readonly counts;
  readonly batcher;
  readonly calls: Call[] = [];
  private next = 0;

  constructor(rows?: RecordedRows) {
    const { log, recorder, counts } = fakeRecorder(rows);
    this.log = log;
    this.counts = counts;
    this.lines = log.writes;
    this.batcher = new Batcher(this.runner, recorder, this.backlog, this.pace);
  }

  /** Submits a call of so many rows, numbered on from the call before. */
  submit(rows: number, caller: Partial<Caller> = {}): FakeReply {
    const reply = new FakeReply();
    const call: Call = {
      rows: Array.from({ length: rows }, () => ({ n: this.next++ })),
      caller: callerWho(caller),
      reply,
      place: (fault, row) => ({ ...fault, pointer: `/rows/${row}` }),
      accepted: performance.now(),
    };
    this.calls.push(call);
    this.batcher.submit(call);
    return reply;
  }

  /** Has the caller of a call, by its number, become another. */
  change(call: number, caller: Partial<Caller>): void {
    Object.assign(this.calls[call]!.caller, caller);
  }
}

const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, place) => from + place);

describe('the queue of a batcher', () => {
  it('tells every call of its own rows, in their order', async () => {
    const setting = new Setting();
    const replies = [setting.submit(1), setting.submit(3), setting.submit(1)];
    await nextTurn();

    expect(setting.runner.runs).toEqual([[0, 1, 2, 3, 4]]);
    expect(setting.lines).toEqual([[0, 1, 2, 3, 4]]);
    expect(replies.map(({ told }) => told)).toEqual([
      ['begin 1', 'add 0', 'end'],
      ['begin 3', 'add 1', 'add 2', 'add 3', 'end'],
      ['begin 1', 'add 4', 'end'],
    ]);
  });

  it('begins another run where the next call does not fit, a turn later', async () => {
    const setting = new Setting();
    const replies = [setting.submit(100), setting.submit(28), setting.submit(1)];
    await nextTurn();
    expect(setting.runner.runs).toEqual([numbers(0, 128)]);
    expect(replies.map(({ isEnded }) => isEnded)).toEqual([true, true, false]);
    await nextTurn();
    expect(setting.runner.runs.at(-1)).toEqual([128]);
    expect(replies.at(-1)!.isEnded).toBe(true);
  });

  it('refuses a call for the row that the model has no finite answer to, and no other call', async () => {
    const setting = new Setting();
    setting.runner.fault = (rows) => (rows.includes(2) ? new NoFiniteAnswer(rows.indexOf(2)) : undefined);
    const replies = [setting.submit(1), setting.submit(2), setting.submit(1)];
    await nextTurn();

    expect(setting.lines).toEqual([[0], [3]]);
    expect(replies.map(({ told }) => told.at(-1))).toEqual([
      'end',
      'fail /rows/1: the model overflows on these numbers and has no finite answer; send smaller ones',
      'end',
    ]);
  });

  it('counts the rows of the runs before where a large call is refused', async () => {
    const setting = new Setting();
    setting.runner.fault = (rows) => (rows.includes(130) ? new NoFiniteAnswer(rows.indexOf(130)) : undefined);
    const reply = setting.submit(300);
    for (let turn = 0; turn < 6; turn++) await nextTurn();
    expect(reply.told.at(-1)).toContain('fail /rows/130: ');
  });

  it('runs a failed batch again call by call, so that one fault is one caller', async () => {
    const setting = new Setting();
    setting.runner.fault = (rows) => (rows.includes(1) ? new RangeError('one') : undefined);
    const replies = [setting.submit(1), setting.submit(1), setting.submit(1)];
    await nextTurn();

    expect(setting.lines).toEqual([[0], [2]]);
    expect(replies.map(({ told }) => told.at(-1))).toEqual(['end', 'fail one', 'end']);
    expect(replies[0]!.told).toEqual(['begin 1', 'begin 1', 'add 0', 'end']);
  });

  it('does not hand on the words of a fault where inputs are hidden, but where it was', async () => {
    const setting = new Setting(new RecordedRows(new Map([['n', 'drop']]), 'm'));
    setting.runner.fault = () => new TypeError('cannot make a number of "Ada"\nLovelace');
    const reply = setting.submit(1);
    let failed: unknown;
    reply.fail = (error) => (failed = error);
    await nextTurn();

    expect((failed as Error).stack).toMatch(
      /^Error: TypeError without its words, .*\n {4}at .*batcher\.spec/,
    );
    expect((failed as Error).stack).not.toMatch(/Ada|Lovelace/);
  });

  it('does not try calls alone where the disk is what failed', async () => {
    const setting = new Setting();
    const replies = [setting.submit(1), setting.submit(1)];
    setting.log.fault = new PredictionLogUnavailable();
    await nextTurn();

    expect(setting.runner.runs).toHaveLength(1);
    expect(replies.map(({ told }) => told.at(-1))).toEqual([
      expect.stringMatching(/^fail the prediction cannot be recorded/),
      expect.stringMatching(/^fail the prediction cannot be recorded/),
    ]);
  });

  it('tries calls alone where others still fit: one that does not refuses nobody else', async () => {
    const setting = new Setting();
    setting.log.room = 2;
    const replies = [setting.submit(1), setting.submit(3), setting.submit(1)];
    await nextTurn();

    expect(setting.lines).toEqual([[0], [4]]);
    expect(replies.map(({ told }) => told.at(-1))).toEqual([
      'end',
      expect.stringMatching(/^fail the prediction cannot be recorded/),
      'end',
    ]);
  });

  it('takes nothing while nothing can be recorded', () => {
    const setting = new Setting();
    setting.log.isWritable = false;

    expect(() => setting.submit(1)).toThrow(PredictionLogUnavailable);
    expect(setting.backlog.seconds(0)).toBe(0);
  });

  it('tells a reply that cannot end that it has failed, and goes on', async () => {
    const setting = new Setting();
    const broken = setting.submit(1);
    broken.end = () => {
      throw new Error('no room');
    };
    const other = setting.submit(1);
    await setting.batcher.close();

    expect(broken.told.at(-1)).toBe('fail no room');
    expect(other.told.at(-1)).toBe('end');
  });
});

describe('the lanes of a batcher', () => {
  it('cut a call into runs of 128 rows and write it once', async () => {
    const setting = new Setting();
    const reply = setting.submit(300);
    await setting.batcher.close();

    expect(setting.runner.runs.map(({ length }) => length)).toEqual([128, 128, 44]);
    expect(setting.lines).toEqual([numbers(0, 300)]);
    expect(reply.told).toHaveLength(302);
  });

  it('give up the rows of a call as they are recorded', async () => {
    const setting = new Setting();
    const reply = setting.submit(300);
    const [{ rows }] = setting.calls as [Call];
    while (reply.told.length < 1 + 128) await nextTurn();

    expect(rows.map((row) => (row as Row | undefined)?.['n'])).toEqual([
      ...Array.from({ length: 128 }, () => undefined),
      ...numbers(128, 300),
    ]);
  });

  it('let small calls in between the runs of a large one', async () => {
    const setting = new Setting();
    const large = setting.submit(1_000);
    await Promise.resolve();
    const small = setting.submit(1);
    while (!small.isEnded) await nextTurn();

    expect(large.isEnded).toBe(false);
    await setting.batcher.close();
    expect(large.isEnded).toBe(true);
  });

  it('answer calls of a size one after another, and a medium one beside a large one', async () => {
    const setting = new Setting();
    const order: string[] = [];
    for (const [name, rows] of [
      ['large', 5_000],
      ['large too', 5_000],
      ['medium', 200],
    ] as const) {
      const reply = setting.submit(rows);
      reply.end = () => order.push(name);
    }
    await setting.batcher.close();

    expect(order).toEqual(['medium', 'large', 'large too']);
  });

  it('drop a call whose caller has gone by its turn', async () => {
    const setting = new Setting();
    setting.submit(200);
    const gone = setting.submit(200, { gone: () => true });
    await setting.batcher.close();

    expect(gone.told).toEqual([`fail ${new ClientGone().message}`]);
    expect(setting.lines).toHaveLength(1);
  });
});

describe('a call that is in vain', () => {
  /** Its deadline passes while it waits. */
  const past = { deadline: 0 };
  const hungUp = { gone: () => true };
  const TOLD = [`fail ${new ClientGone().message}`, `fail ${new DeadlineExceeded().message}`];

  it('leaves the queue without a run when its turn comes, and the others with it are answered', async () => {
    const setting = new Setting();
    const replies = [setting.submit(1, hungUp), setting.submit(1), setting.submit(1)];
    setting.change(2, past);
    await setting.batcher.close();

    expect(setting.lines).toEqual([[1]]);
    expect(replies.map(({ told }) => told.at(-1))).toEqual([TOLD[0], 'end', TOLD[1]]);
    expect(setting.counts.outcomes).toEqual({ ok: 1, invalid: 0, error: 0 });
    expect(setting.backlog.seconds(0)).toBeCloseTo(0);
  });

  it('is not even begun where nobody else is there', async () => {
    const setting = new Setting();
    setting.submit(1);
    setting.change(0, past);
    await setting.batcher.close();

    expect(setting.runner.runs).toEqual([]);
  });

  it.each([
    ['hangs up', hungUp, TOLD[0]],
    ['may not wait any longer', past, TOLD[1]],
  ])('leaves its lane between two runs when its caller %s', async (_, change, told) => {
    const setting = new Setting();
    const reply = setting.submit(1_000);
    const next = setting.submit(200);
    setting.runner.fault = () => {
      if (setting.runner.runs.length === 2) setting.change(0, change);
      return undefined;
    };
    await setting.batcher.close();

    expect(reply.told.at(-1)).toBe(told);
    expect(setting.runner.runs.map(({ length }) => length)).toEqual([128, 128, 128, 72]);
    expect(setting.lines).toEqual([numbers(1_000, 1_200)]);
    expect(next.isEnded).toBe(true);
  });

  it('is refused at once where it comes too late', () => {
    const setting = new Setting();

    expect(() => setting.submit(1, past)).toThrow(DeadlineExceeded);
  });

  it('is refused at once where more waits than is done by its deadline', async () => {
    const setting = new Setting();
    setting.pace.measure(100, 0.1);
    const others = [1, 2, 3, 4].map(() => setting.submit(10));
    const now = performance.now();
    expect(() => setting.submit(10, { deadline: now + 40 })).toThrow(Overloaded);
    const patient = setting.submit(10, { deadline: now + 60_000 });
    await setting.batcher.close();

    expect([...others, patient].every(({ isEnded }) => isEnded)).toBe(true);
  });

  it('is tried where nobody waits before it, however long it takes', async () => {
    const setting = new Setting();
    setting.pace.measure(1, 5);
    const reply = setting.submit(1, { deadline: performance.now() + 1_000 });
    await setting.batcher.close();

    expect(reply.isEnded).toBe(true);
  });
});

describe('an answer', () => {
  it('tells what the call spent: waiting, in all of its runs, and for the record', async () => {
    const setting = new Setting();
    setting.runner.times = { encode: 0.25, run: 0.5, decode: 0.125 };
    const short = setting.submit(1);
    const long = setting.submit(300);
    await setting.batcher.close();

    expect(short.times).toEqual({ queue: expect.any(Number), run: 0.875, record: expect.any(Number) });
    expect(long.times?.run).toBe(3 * 0.875);
    for (const { times } of [short, long]) {
      expect(times!.queue).toBeGreaterThan(0);
      expect(times!.queue).toBeLessThan(30);
      expect(times!.record).toBeGreaterThan(0);
    }
  });
});

describe('what waits', () => {
  it('is told in seconds as measured, and is nothing again when all is answered', async () => {
    const setting = new Setting();
    setting.pace.measure(100, 0.1);
    setting.submit(10);
    expect(setting.backlog.seconds(0)).toBeCloseTo(0.01);
    const rows = setting.pace.rowsPerRun + 1;
    setting.submit(rows);
    expect(setting.backlog.seconds(0)).toBeCloseTo(0.01);
    expect(setting.backlog.seconds(1_000_000)).toBeCloseTo(0.01 + rows * 0.001);
    await setting.batcher.close();

    expect(setting.backlog.seconds(1_000_000)).toBeCloseTo(0);
  });
});

describe('closing a batcher', () => {
  it('waits for nothing where nothing waits', async () => {
    await expect(new Setting().batcher.close()).resolves.toBeUndefined();
  });
});

describe('a batcher whose records are synced', () => {
  it('runs the next batch while one waits, and answers in their order when they are recorded', async () => {
    const setting = new Setting();
    const { promise, resolve } = Promise.withResolvers<void>();
    setting.log.sync = promise;
    const first = setting.submit(2);
    await nextTurn();
    const second = setting.submit(1);
    await nextTurn();
    let isClosed = false;
    const closed = setting.batcher.close().then(() => (isClosed = true));
    await nextTurn();
    expect(setting.runner.runs).toEqual([[0, 1], [2]]);
    expect([first.isEnded, second.isEnded, isClosed]).toEqual([false, false, false]);
    resolve();
    await closed;

    expect(setting.lines).toEqual([[0, 1], [2]]);
    expect([first.told, second.told]).toEqual([
      ['begin 2', 'add 0', 'add 1', 'end'],
      ['begin 1', 'add 2', 'end'],
    ]);
  });

  it('lets the next large call begin when the one before is recorded', async () => {
    const setting = new Setting();
    const { promise, resolve } = Promise.withResolvers<void>();
    setting.log.sync = promise;
    setting.submit(200);
    setting.submit(200);
    for (let turn = 0; turn < 10; turn++) await nextTurn();
    expect(setting.runner.runs).toEqual([numbers(0, 128), numbers(128, 200)]);
    resolve();
    await setting.batcher.close();

    expect(setting.lines).toEqual([numbers(0, 200), numbers(200, 400)]);
  });

  it('tells every call of a sync that failed, once', async () => {
    const setting = new Setting();
    setting.log.sync = Promise.resolve();
    setting.log.fault = new PredictionLogUnavailable();
    const replies = [setting.submit(1), setting.submit(1)];
    await setting.batcher.close();

    expect(setting.runner.runs).toHaveLength(1);
    expect(replies.map(({ told }) => told)).toEqual([
      ['begin 1', 'add 0', expect.stringMatching(/^fail the prediction cannot/)],
      ['begin 1', 'add 1', expect.stringMatching(/^fail the prediction cannot/)],
    ]);
  });
});
