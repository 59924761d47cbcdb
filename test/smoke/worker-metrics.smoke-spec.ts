import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';
import { metric } from '../support/metrics.js';
import { readRecords } from '../support/records.js';
import { startServer } from '../support/server.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

const OK = { model: 'turnover', outcome: 'ok' };
const hasPromtool = spawnSync('promtool', ['--version']).status === 0;

const PREDICTION_LOG_DIR = temporaryFolder();
const server = await startServer({ WORKERS: '2', PREDICTION_LOG_DIR });

/** The process that has this number now; undefined: none has. */
function pidOf(worker: number): number | undefined {
  const children = readFileSync(`/proc/${server.pid}/task/${server.pid}/children`, 'utf8')
    .split(' ')
    .filter(Boolean);
  return children
    .map(Number)
    .find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`--worker=${worker}`));
}

/** By a connection of its own, as these go to the workers in turn; one that is killed may take a connection with it. */
function ask(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = { connection: 'close', 'content-type': 'application/json' };
  return fetch(server.url + path, { headers, signal: AbortSignal.timeout(5_000), ...init });
}

const predict = (): Promise<Response> =>
  ask('/predict', { method: 'POST', body: JSON.stringify(TURNOVER_ROW) });
const scrape = async (): Promise<string> => (await ask('/metrics')).text();

/** Waits until both workers serve. */
async function untilBothServe(): Promise<string> {
  for (;;) {
    const text = await scrape().catch(() => '');
    if (text === '') continue;
    if (
      metric(text, 'nestor_worker_up', { worker: '0' }) +
        metric(text, 'nestor_worker_up', { worker: '1' }) ===
      2
    )
      return text;
    await after(100);
  }
}

/** Counters, buckets, and what ends in `_count`, by name and labels. */
function counts(text: string): Map<string, number> {
  const types = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name!, type!]));
  const found = new Map<string, number>();
  for (const [, series, name, value] of text.matchAll(/^((\w+)(?:\{.*\})?) (\S+)$/gm)) {
    const family = types.has(name!) ? name! : name!.replace(/_(bucket|sum|count)$/, '');
    const isScoreSum = name === 'nestor_prediction_score_sum';
    if (types.get(family) !== 'gauge' && !isScoreSum) found.set(series!, Number(value));
  }
  return found;
}

describe('the metrics of two workers', () => {
  it('count what both have answered, whichever is asked', async () => {
    await untilBothServe();
    for (let call = 0; call < 20; call++) expect((await predict()).status).toBe(200);
    const texts = await Promise.all([scrape(), scrape(), scrape()]);
    const [text] = texts;

    expect(texts.map((text) => metric(text, 'nestor_predictions_total', OK))).toEqual([20, 20, 20]);
    expect(
      texts.map((text) => metric(text, 'nestor_prediction_log_records_total', { model: 'turnover' })),
    ).toEqual([20, 20, 20]);
    expect(metric(text, 'nestor_workers')).toBe(2);
    expect(metric(text, 'nestor_worker_restarts_total')).toBe(0);
    expect(metric(text, 'nestor_build_info')).toBe(1);
    expect(metric(text, 'nestor_model_ready', { model: 'turnover' })).toBe(1);
  });

  it.skipIf(!hasPromtool)('pass promtool check metrics (skipped where there is no promtool)', async () => {
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
      input: await scrape(),
      encoding: 'utf8',
    });

    expect({ status, said: `${stdout}${stderr}` }).toEqual({ status: 0, said: '' });
  });

  it('say of health how many serve', async () => {
    const { details } = (await (await ask('/health/ready')).json()) as { details: Record<string, unknown> };

    expect(details).toEqual({
      models: { status: 'up', ready: 5, unready: [] },
      prediction_log: { status: 'up', durability: 'written' },
      workers: { status: 'up', running: 2, configured: 2 },
    });
  });

  it('never go back when a worker is killed under load, and lack no more than its last second', async () => {
    const answered: number[] = [];
    const over = new AbortController();
    const callers = Array.from({ length: 4 }, async () => {
      while (!over.signal.aborted) {
        const reply = await predict().catch(() => undefined);
        if (reply?.status === 200) answered.push(performance.now());
        await after(5);
      }
    });
    const pages: Map<string, number>[] = [];
    const scrapes = (async () => {
      while (!over.signal.aborted) {
        // A call that the killed one has taken fails with it.
        const text = await scrape().catch(() => undefined);
        if (text !== undefined) pages.push(counts(text));
        await after(200);
      }
    })();
    await after(1_500);
    process.kill(pidOf(0)!, 'SIGKILL');
    const killed = performance.now();
    await untilBothServe();
    await after(500);
    over.abort();
    await Promise.all([...callers, scrapes]);

    for (const [index, page] of pages.slice(1).entries()) {
      const fallen = [...pages[index]!].filter(([series, value]) => !(page.get(series)! >= value));
      expect(fallen).toEqual([]);
    }
    const text = await scrape();
    const counted = metric(text, 'nestor_predictions_total', OK);
    const recorded = readRecords(PREDICTION_LOG_DIR).length;
    const ofLastSecond = answered.filter((time) => time > killed - 1_500 && time <= killed + 100).length;
    expect(counted).toBeLessThanOrEqual(recorded);
    expect(counted).toBeGreaterThanOrEqual(recorded - ofLastSecond);
    expect(metric(text, 'nestor_worker_restarts_total')).toBe(1);
  });

  it('are there within a second while one is silent, with what it told last', async () => {
    const before = counts(await untilBothServe());
    const pid = pidOf(1)!;
    process.kill(pid, 'SIGSTOP');
    // One of the two connections may wait for the silent one.
    const began = performance.now();
    const asked = Promise.any([scrape(), scrape()]);
    const text = await asked.finally(() => process.kill(pid, 'SIGCONT'));
    const milliseconds = performance.now() - began;

    expect(milliseconds).toBeLessThan(1_000);
    expect(metric(text, 'nestor_worker_up', { worker: '0' })).toBe(1);
    expect(metric(text, 'nestor_worker_up', { worker: '1' })).toBe(0);
    const fallen = [...before].filter(([series, value]) => !(counts(text).get(series)! >= value));
    expect(fallen).toEqual([]);
    await untilBothServe();
  });

  it('keep what workers have counted that are replaced at SIGHUP', async () => {
    const before = metric(await untilBothServe(), 'nestor_predictions_total', OK);
    const old = [pidOf(0), pidOf(1)];
    for (let call = 0; call < 10; call++) await predict();
    process.kill(server.pid, 'SIGHUP');
    while (old.some((pid) => existsSync(`/proc/${pid}`))) await after(100);
    const text = await untilBothServe();

    expect(metric(text, 'nestor_predictions_total', OK)).toBe(before + 10);
    expect(metric(text, 'nestor_worker_restarts_total')).toBe(1);
  });
});
