import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { ArtifactFault } from '../../src/artifacts/artifact-fault.js';
import { memoryLimit } from '../../src/config/memory-limit.js';
import { candidateMemory, checkCandidate } from '../../src/models/candidate-check.js';
import { ARTIFACTS, copyTurnover } from '../support/artifacts.js';
import { atEnd } from '../support/clean-up.js';
import { copyWithGraph, copyWithWork } from '../support/graphs.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const MEGABYTE = 2 ** 20;
const LIMITS = { timeoutMs: 60_000, memoryBytes: 128 * MEGABYTE };
const DIST = new URL('../../dist/models/candidate-check.js', import.meta.url).href;

const stat = (pid: string | number): string[] | undefined => {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ');
  } catch {
    return undefined;
  }
};
/** Processes that check a candidate for `parent`; a zombie is none. */
const children = (parent = process.pid): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && stat(name)?.[3] === String(parent) && stat(name)?.[2] !== 'Z')
    .filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('candidate.js'))
    .map(Number);
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await setTimeout(10);
}

const refusal = (folder: string, limits = {}): Promise<unknown> =>
  checkCandidate(folder, { ...LIMITS, ...limits }).then(
    () => expect.unreachable('the candidate passed'),
    (error: unknown) => error,
  );

describe('a candidate in a process of its own', () => {
  it.each(readdirSync(ARTIFACTS))('passes if the server would serve it, within 128 MB: %s', async (model) => {
    const secondsPerRow = await checkCandidate(join(ARTIFACTS, model, '1'), LIMITS);

    expect(secondsPerRow).toBeGreaterThan(0);
    expect(secondsPerRow).toBeLessThan(0.1);
  });

  it('says what a row costs', async () => {
    const { folder } = copyWithWork('busy', [40]);

    expect(await checkCandidate(folder, LIMITS)).toBeGreaterThan(0.02);
  });

  it('is refused for the reason that the server would give', async () => {
    const changed = copyTurnover();
    changed.damage('model.onnx');
    const sample = copyTurnover().editSamples((samples) => (samples[41]!['label'] = 7));
    const graph = copyTurnover();
    graph.write('model.onnx', 'no graph');
    graph.seal();

    const fault = (pattern: RegExp): unknown =>
      expect.objectContaining({ message: expect.stringMatching(pattern) });

    expect(await refusal(changed.folder)).toEqual(fault(/^model\.onnx has changed: expected sha256 /));
    expect(await refusal(sample.folder)).toEqual(fault(/^samples\.json: sample 42: the estimator says 7, /));
    expect(await refusal(graph.folder)).toEqual(fault(/^model\.onnx cannot be loaded: /));
    expect(await refusal(temporaryFolder())).toEqual(new ArtifactFault('SHA256SUMS is missing'));
  });

  it('is ended when its graph does not end', async () => {
    const { folder } = copyWithGraph('endless');

    expect(await refusal(folder, { timeoutMs: 2_000 })).toEqual(
      new ArtifactFault('the candidate did not end its check within 2 s'),
    );
  });

  it('is ended when its graph takes more memory than it may, long before 4 GB', async () => {
    const { folder } = copyWithGraph('greedy');
    let most = 0;
    const refused = refusal(folder);
    const watch = setInterval(() => {
      for (const pid of children()) {
        const [, peak] = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
        most = Math.max(most, Number(peak ?? 0) / 1024);
      }
    }, 1);

    expect(await refused).toEqual(new ArtifactFault('the candidate took more than 128 MB'));
    clearInterval(watch);
    // Shared pages and what was taken between two looks come on top.
    expect(most).toBeLessThan(1_024);
  });

  it('may be no more than the process that reads it can hold', async () => {
    const copy = copyTurnover();
    copy.write('notes.txt', Buffer.alloc(300 * MEGABYTE));
    copy.seal();

    expect(await refusal(copy.folder)).toEqual(new ArtifactFault('the candidate took more than 128 MB'));
  });

  it('is told apart from one that ends its process', async () => {
    const refused = refusal(copyWithGraph('endless').folder);
    await until(() => children().length > 0);
    process.kill(children()[0]!, 'SIGSEGV');

    expect(await refused).toEqual(
      new ArtifactFault('the candidate ended the process that checked it (SIGSEGV)'),
    );
  });

  it('waits for those before it', async () => {
    const order: string[] = [];
    let atOnce = 0;
    const watch = setInterval(() => (atOnce = Math.max(atOnce, children().length)), 5);
    await Promise.all([
      refusal(copyWithGraph('endless').folder, { timeoutMs: 1_000 }).then(() => order.push('endless')),
      checkCandidate(join(ARTIFACTS, 'iris', '1'), LIMITS).then(() => order.push('iris')),
      refusal(temporaryFolder()).then(() => order.push('empty')),
    ]);
    clearInterval(watch);

    expect(order).toEqual(['endless', 'iris', 'empty']);
    expect(atOnce).toBe(1);
  });

  it('ends when its caller no longer waits, as do those that wait', async () => {
    const caller = new AbortController();
    const refused = Promise.allSettled(
      ['endless', 'endless'].map(() =>
        checkCandidate(copyWithGraph('endless').folder, LIMITS, caller.signal),
      ),
    );
    await until(() => children().length > 0);
    caller.abort();

    expect(await refused).toMatchObject([
      { reason: { name: 'AbortError' } },
      { reason: { name: 'AbortError' } },
    ]);
  });

  it.each(['endless', 'greedy'] as const)('ends with its parent, even within a run: %s', async (graph) => {
    const { folder } = copyWithGraph(graph);
    const script = join(temporaryFolder(), 'parent.mjs');
    writeFileSync(
      script,
      `import { checkCandidate } from '${DIST}';
       await checkCandidate('${folder}', { timeoutMs: 60_000, memoryBytes: 8e9 });`,
    );
    const parent = spawn(process.execPath, [script], { stdio: 'inherit' });
    atEnd(() => parent.kill('SIGKILL'));
    await until(() => children(parent.pid).length > 0);
    const [child] = children(parent.pid);
    // Two seconds of processor time are more than opening takes: it is within a run.
    await until(() => Number(stat(child!)?.[13]) + Number(stat(child!)?.[14]) > 200);
    parent.kill('SIGKILL');
    await once(parent, 'exit');

    await until(() => (stat(child!)?.[2] ?? 'Z') === 'Z');
  });

  it('leaves no process behind, whatever became of it', () => {
    expect(children()).toEqual([]);
  });
});

describe('the memory of a candidate', () => {
  it('is a quarter of what this process may have', () => {
    expect(candidateMemory()).toBeGreaterThan(0);
    expect(candidateMemory() * 4).toBeLessThanOrEqual(memoryLimit());
  });
});
