import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ArtifactFault } from '../../src/artifacts/artifact-fault.js';
import { VersionFolder } from '../../src/artifacts/version-folder.js';
import { ClientGone, DeadlineExceeded, ModelProcessEnded } from '../../src/errors/errors.js';
import type { Row } from '../../src/inputs/input-check.js';
import type { Decision } from '../../src/runners/decoder.js';
import type { Isolation } from '../../src/runners/graph-place.js';
import { ModelRunner } from '../../src/runners/model-runner.js';
import { type ArtifactCopy, ARTIFACTS, copyTurnover } from '../support/artifacts.js';
import { atEnd } from '../support/clean-up.js';
import { copyWithGraph, copyWithWork, workOf } from '../support/graphs.js';
import { childrenOf, isAlive, statOf, until } from '../support/processes.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const MEGABYTE = 2 ** 20;
/** Known to be slow, so that it runs in processes of its own at once. */
const APART: Isolation = {
  processes: 1,
  threads: 1,
  memoryBytes: 512 * MEGABYTE,
  budgetMs: 5,
  secondsPerRow: 1,
};
/** Longer than any test waits. */
const ENDLESS = workOf(1_000_000);
const DIST = new URL('../../dist', import.meta.url).href;

async function load(
  { folder }: Pick<ArtifactCopy, 'folder'>,
  changes: Partial<Isolation> = {},
): Promise<ModelRunner> {
  const runner = await ModelRunner.load(await VersionFolder.open(folder), { ...APART, ...changes });
  atEnd(() => runner.pool?.end());
  return runner;
}

/** What a run of these rows decides; `withinMs` is its deadline. */
const decisionsOf = async (
  runner: ModelRunner,
  rows: readonly object[],
  withinMs = 50_000,
): Promise<readonly Decision[]> =>
  runner.run(rows as Row[], { encode: 0, run: 0, decode: 0 }, performance.now() + withinMs);

const errorOf = (running: Promise<unknown>): Promise<unknown> =>
  running.then(
    () => expect.unreachable('it was answered'),
    (error: unknown) => error,
  );
const deathsOf = ({ pool }: ModelRunner): object =>
  Object.fromEntries([...pool!.deaths].filter(([, count]) => count > 0));
const isRunning = (pid: number): boolean => statOf(pid)?.[2] === 'R';
/** Resolves when it has taken a tenth of a second of the processor: so long it does not take to read what it is asked. */
async function untilComputing(pid: number): Promise<void> {
  const ticks = (): number => Number(statOf(pid)![13]);
  const before = ticks();
  await until(() => ticks() >= before + 10);
}

describe.each(readdirSync(ARTIFACTS))('%s in processes of its own', (model) => {
  it('decides as in this one, bit for bit, and keeps texts apart that are encoded meanwhile', async () => {
    const folder = await VersionFolder.open(join(ARTIFACTS, model, '1'));
    const here = await ModelRunner.load(folder);
    const apart = await load({ folder: join(ARTIFACTS, model, '1') }, { processes: 2 });
    const rows = folder.samples().map(({ input }) => input);
    expect(apart.parallel).toBe(2);
    expect(apart.trees.areCompiled).toBe(false);
    expect(apart.replayed).toEqual(here.replayed);
    const batches = [rows.slice(0, 1), rows.slice(1, 129), rows.slice(129, 200), rows.slice(0, 128)];
    const decided = await Promise.all(batches.map((batch) => decisionsOf(apart, batch)));
    for (const [index, batch] of batches.entries()) {
      expect(decided[index]).toEqual(await decisionsOf(here, batch));
      for (const [place, sizes] of apart.texts.entries()) {
        sizes.recall(decided[index]!);
        const { tokens, unknown } = here.texts[place]!;
        expect(sizes.tokens.subarray(0, batch.length)).toEqual(tokens.subarray(0, batch.length));
        expect(sizes.unknown.subarray(0, batch.length)).toEqual(unknown.subarray(0, batch.length));
      }
    }
    await here.release();
    await apart.release();
  });
});

describe('where a graph runs', () => {
  const unknown: Isolation = { processes: 1, threads: 1, memoryBytes: 512 * MEGABYTE, budgetMs: 5 };
  const poolOf = async (copy: ArtifactCopy, isolation: Isolation): Promise<ModelRunner['pool']> => {
    const runner = await ModelRunner.load(await VersionFolder.open(copy.folder), isolation);
    const { pool } = runner;
    await runner.release();
    return pool;
  };

  it('follows from its first golden sample, where nobody has measured it', async () => {
    expect(await poolOf(copyWithWork('busy', [30, 0]), unknown)).toBeDefined();
    expect(await poolOf(copyWithWork('busy', [0, 30]), unknown)).toBeUndefined();
    expect(await poolOf(copyWithWork('busy', [30]), { ...unknown, budgetMs: 60_000 })).toBeUndefined();
  });

  it('follows from what was measured elsewhere, and trees as code stay here', async () => {
    expect(await poolOf(copyWithWork('busy', [30]), { ...unknown, secondsPerRow: 0.001 })).toBeUndefined();
    expect(await poolOf(copyTurnover(), { ...unknown, budgetMs: 0 })).toBeUndefined();
  });

  it('makes no difference to why a version is refused, and leaves no process', async () => {
    const noGraph = copyTurnover();
    noGraph.write('model.onnx', 'no graph');
    noGraph.seal();
    const tensors = copyTurnover().editManifest((manifest) => {
      const [first, ...others] = manifest.tensors.outputs;
      manifest.tensors = { ...manifest.tensors, outputs: [{ ...first!, datatype: 'INT64' }, ...others] };
    });
    const sample = copyTurnover().editSamples((samples) => (samples[41]!['label'] = 7));
    const hungry = copyWithWork('hungry', [1, 200]);
    const reason = async ({ folder }: ArtifactCopy): Promise<string> =>
      ((await errorOf(load({ folder }, { memoryBytes: 256 * MEGABYTE }))) as Error).message;

    expect(await reason(noGraph)).toMatch(/^model\.onnx cannot be loaded: /);
    expect(await reason(tensors)).toMatch(/^output tensors: the manifest says raw_score INT64/);
    expect(await reason(sample)).toMatch(/^samples\.json: sample 42: the estimator says 7, /);
    expect(await reason(hungry)).toBe('model.onnx cannot answer samples.json: it took more than 256 MB');
    expect(childrenOf(process.pid, 'model-child')).toEqual([]);
  });

  it('is none where model.onnx has changed since it was read', async () => {
    const copy = copyTurnover();
    const folder = await VersionFolder.open(copy.folder);
    copy.damage('model.onnx');

    const error = (await errorOf(ModelRunner.load(folder, APART))) as Error;
    expect(error.message).toMatch(/^model\.onnx has changed: expected sha256 \w{64}, actual \w{64}$/);
  });
});

describe('a run in a process of its own', () => {
  let runner: ModelRunner;
  const pid = (): number => runner.pool!.pids[0]!;

  beforeAll(async () => {
    runner = await load(copyWithWork('busy', [0]));
  });

  it('takes nothing of this process while it computes', async () => {
    const before = process.cpuUsage();
    await decisionsOf(runner, [workOf(200)]);
    const { user, system } = process.cpuUsage(before);
    expect(user + system).toBeLessThan(100_000);
  });

  it('stands behind the server for processor and memory, and knows nothing of its environment', () => {
    expect(Number(statOf(pid())![18])).toBeGreaterThanOrEqual(5);
    expect(readFileSync(`/proc/${pid()}/oom_score_adj`, 'utf8').trim()).toBe('1000');
    expect(readFileSync(`/proc/${pid()}/environ`, 'utf8')).toBe('MALLOC_ARENA_MAX=2\0');
  });

  it('is refused when its deadline passes, and its process gives way to another one', async () => {
    const old = pid();
    const started = performance.now();
    expect(await errorOf(decisionsOf(runner, [ENDLESS], 300))).toBeInstanceOf(DeadlineExceeded);
    expect(performance.now() - started).toBeGreaterThan(299);
    await until(() => !isAlive(old));
    expect(performance.now() - started).toBeLessThan(3_000);
    expect(await decisionsOf(runner, [workOf(0)])).toHaveLength(1);
    expect(deathsOf(runner)).toEqual({ deadline: 1 });
  });

  it('is ended when nobody waits for it any more', async () => {
    const abandoned = new AbortController();
    const running = runner.run(
      [ENDLESS as Row],
      { encode: 0, run: 0, decode: 0 },
      Infinity,
      abandoned.signal,
    );
    const old = pid();
    await until(() => runner.pool!.busy === 1);
    abandoned.abort();
    expect(await errorOf(running as Promise<unknown>)).toBeInstanceOf(ClientGone);
    await until(() => !isAlive(old));
    expect(await decisionsOf(runner, [workOf(0)])).toHaveLength(1);
  });

  it('keeps its process where it ends soon after', async () => {
    const old = pid();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const late = errorOf(decisionsOf(runner, [workOf(0)], 5));
    vi.advanceTimersByTime(10);
    expect(await late).toBeInstanceOf(DeadlineExceeded);
    await until(() => runner.pool!.busy === 0);
    vi.advanceTimersByTime(1_000);
    vi.useRealTimers();
    expect(await decisionsOf(runner, [workOf(0)])).toHaveLength(1);
    expect(pid()).toBe(old);
  });

  it('waits in order, and leaves when its deadline passes meanwhile', async () => {
    const order: string[] = [];
    const first = decisionsOf(runner, [workOf(200)]).then(() => order.push('first'));
    const second = decisionsOf(runner, [workOf(0)]).then(() => order.push('second'));
    const late = errorOf(decisionsOf(runner, [workOf(0)], 20));
    const third = decisionsOf(runner, [workOf(0)]).then(() => order.push('third'));
    expect(runner.pool).toMatchObject({ size: 1, alive: 1, busy: 1, waiting: 3, fault: undefined });
    expect(await late).toBeInstanceOf(DeadlineExceeded);
    expect(runner.pool!.waiting).toBe(2);
    expect(await errorOf(decisionsOf(runner, [workOf(0)], -1))).toBeInstanceOf(DeadlineExceeded);
    await Promise.all([first, second, third]);
    expect(order).toEqual(['first', 'second', 'third']);
    expect(runner.pool).toMatchObject({ alive: 1, busy: 0, waiting: 0 });
  });

  it('fails alone where the runtime fails on it', async () => {
    const data = new Float64Array(2);
    const failed = errorOf(runner.pool!.run([{ data, dims: [1, 2] }], Infinity));
    expect(await failed).toEqual(
      expect.objectContaining({ message: expect.stringMatching(/features|index|dim/i) }),
    );
    expect(await decisionsOf(runner, [workOf(0)])).toHaveLength(1);
  });

  it('is none of those that a terminal interrupts', async () => {
    const old = pid();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(old, signal);
    expect(await decisionsOf(runner, [workOf(10)])).toHaveLength(1);
    expect(pid()).toBe(old);
  });

  it('is tried once more when its process is killed, whether it computes or waits', async () => {
    const before = deathsOf(runner);
    const running = decisionsOf(runner, [workOf(200)]);
    await until(() => isRunning(pid()));
    process.kill(pid(), 'SIGKILL');
    expect(await running).toHaveLength(1);
    process.kill(pid(), 'SIGSEGV');
    expect(await decisionsOf(runner, [workOf(0)])).toHaveLength(1);
    expect(deathsOf(runner)).toEqual({ ...before, killed: 1, crashed: 1 });
  });

  it('is refused where that happens twice', async () => {
    const running = errorOf(decisionsOf(runner, [ENDLESS]));
    for (let time = 0; time < 2; time++) {
      await until(() => runner.pool!.busy === 1 && isRunning(pid()));
      const old = pid();
      await untilComputing(old);
      process.kill(old, 'SIGKILL');
      await until(() => !isAlive(old));
    }
    expect(await running).toEqual(new ModelProcessEnded('busy', 'it was killed (SIGKILL)'));
    expect(await decisionsOf(runner, [workOf(0)])).toHaveLength(1);
  });

  it('is refused at once after five deaths within a minute, until a pause is over; other models go on', async () => {
    const other = await load(copyWithWork('busy', [0], { name: 'other' }));
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    // Those that have answered do not count, and each of these is killed before it has.
    while (runner.pool!.fault === undefined) {
      const old = pid();
      process.kill(old, 'SIGKILL');
      await until(
        () => runner.pool!.fault !== undefined || (runner.pool!.alive === 1 && runner.pool!.pids[0] !== old),
      );
    }
    const fault = 'its processes ended 5 times within a minute, the last one because it was killed (SIGKILL)';
    expect(await errorOf(decisionsOf(runner, [workOf(0)]))).toEqual(new ModelProcessEnded('busy', fault));
    expect(runner.pool).toMatchObject({ alive: 0, waiting: 0, fault });
    expect(await decisionsOf(other, [workOf(0)])).toHaveLength(1);
    vi.advanceTimersByTime(10_000);
    vi.useRealTimers();
    await until(() => runner.pool!.fault === undefined);
    expect(await decisionsOf(runner, [workOf(0)])).toHaveLength(1);
    await other.release();
  });

  it('is answered before its processes are let go, of which nothing is left', async () => {
    const { pids } = runner.pool!;
    const running = [0, 50, 100].map((work) => decisionsOf(runner, [workOf(work)]));
    await runner.release();
    expect(await Promise.all(running)).toHaveLength(3);
    expect(pids.map((each) => statOf(each))).toEqual([undefined]);
    expect(await errorOf(decisionsOf(runner, [workOf(0)]))).toBeInstanceOf(ModelProcessEnded);
  });
});

describe('a process of a model', () => {
  it('is ended when a run takes more memory than it may, and that run is not tried again', async () => {
    const runner = await load(copyWithWork('hungry', [1]), { memoryBytes: 256 * MEGABYTE });
    expect(await errorOf(decisionsOf(runner, [workOf(500)]))).toEqual(
      new ModelProcessEnded('hungry', 'it took more than 256 MB'),
    );
    expect(await decisionsOf(runner, [workOf(1)])).toHaveLength(1);
    expect(deathsOf(runner)).toEqual({ memory: 1 });
    await runner.release();
  });

  it('is replaced from the file that was opened, when its folder is gone', async () => {
    const copy = copyWithWork('busy', [0]);
    const runner = await load(copy, { processes: 2 });
    rmSync(copy.folder, { recursive: true });
    const old = runner.pool!.pids;
    for (const pid of old) process.kill(pid, 'SIGKILL');
    await until(() => runner.pool!.alive === 2 && !old.some((pid) => runner.pool!.pids.includes(pid)));
    expect(await decisionsOf(runner, [workOf(0)])).toHaveLength(1);
    await runner.release();
  });

  it('is no second try of a run where it had ended before that began: all killed in one moment', async () => {
    const runner = await load(copyWithWork('busy', [0]), { processes: 2 });
    for (let round = 0; round < 3; round++) {
      await until(() => runner.pool!.alive === 2);
      await Promise.all([decisionsOf(runner, [workOf(0)]), decisionsOf(runner, [workOf(0)])]);
      const running = decisionsOf(runner, [workOf(100)]);
      await until(() => runner.pool!.pids.some(isRunning));
      for (const pid of runner.pool!.pids) process.kill(pid, 'SIGKILL');
      expect(await running).toHaveLength(1);
    }
    expect(deathsOf(runner)).toEqual({ killed: 6 });
    await runner.release();
  });

  it('is not replaced by one that runs another graph, where somebody has written over the file', async () => {
    const copy = copyWithWork('busy', [0]);
    const runner = await load(copy);
    copy.damage('model.onnx');
    expect(await decisionsOf(runner, [workOf(0)])).toHaveLength(1);
    process.kill(runner.pool!.pids[0]!, 'SIGKILL');
    const { reason } = (await errorOf(decisionsOf(runner, [workOf(0)]))) as ModelProcessEnded;
    expect(reason).toMatch(/because model\.onnx has changed: expected sha256/);
    await runner.release();
  });

  it('leaves no descriptor', async () => {
    const descriptors = (): number => readdirSync('/proc/self/fd').length;
    const folder = await VersionFolder.open(copyWithWork('busy', [0]).folder);
    const before = descriptors();
    const runner = await ModelRunner.load(folder, { ...APART, processes: 2 });
    expect(descriptors()).toBeGreaterThan(before);
    await runner.release();
    expect(descriptors()).toBe(before);
  });

  it.each(['within a run', 'between runs'])('ends with its parent: %s', async (when) => {
    const script = join(temporaryFolder(), 'parent.mjs');
    const { folder } = copyWithWork('busy', [0]);
    writeFileSync(
      script,
      `import { VersionFolder } from '${DIST}/artifacts/version-folder.js';
       import { ModelRunner } from '${DIST}/runners/model-runner.js';
       const runner = await ModelRunner.load(await VersionFolder.open('${folder}'), ${JSON.stringify(APART)});
       console.log('loaded');
       await runner.run([${JSON.stringify(when === 'within a run' ? ENDLESS : workOf(0))}], { encode: 0, run: 0, decode: 0 });
       setInterval(() => undefined, 1_000);`,
    );
    const parent = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
    atEnd(() => parent.kill('SIGKILL'));
    await once(parent.stdout, 'data');
    const [child] = childrenOf(parent.pid!, 'model-child');
    if (when === 'within a run') await until(() => isRunning(child!));
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    await until(() => !isAlive(child!));
  });

  it('is ended where its graph does not end on a golden sample, and the version is refused', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const refused = errorOf(load(copyWithGraph('endless')));
    await until(() => childrenOf(process.pid, 'model-child').some((pid) => Number(statOf(pid)![13]) > 100));
    vi.advanceTimersByTime(30_000);
    vi.useRealTimers();
    const reason = 'model.onnx cannot answer samples.json: one took more than 30 s';
    expect(await refused).toEqual(new ArtifactFault(reason));
    expect(childrenOf(process.pid, 'model-child')).toEqual([]);
  });

  it.each([
    ['sentiment-deep', 3],
    ['turnover', 1],
  ])('computes %s in %d threads, as other sums are allowed or not', async (model, threads) => {
    const runners = await Promise.all(
      [1, 3].map((each) => load({ folder: join(ARTIFACTS, model, '1') }, { threads: each })),
    );
    const [one, more] = runners.map(({ pool }) => readdirSync(`/proc/${pool!.pids[0]}/task`).length);
    expect(more! - one!).toBe(threads - 1);
    await Promise.all(runners.map((runner) => runner.release()));
  });
});
