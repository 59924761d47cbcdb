import { setTimeout as after } from 'node:timers/promises';
import { createTestApp } from '../support/create-app.js';
import { copyWithWork, workOf } from '../support/graphs.js';
import { metric, series } from '../support/metrics.js';
import { childrenOf, isAlive } from '../support/processes.js';
import { tarOfFolder, TAR } from '../support/pushed.js';
import { ServedFolder } from '../support/served-folder.js';
import type { Server } from '../support/server.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

const HEX = expect.stringMatching(/^[0-9a-f]{64}$/) as string;
const ADMIN = { 'if-match': '*', 'content-type': 'application/json' };
const apart = {
  version: '1',
  state: 'ready',
  sha256: HEX,
  runs_in: 'processes',
  processes: 2,
  ms_per_row: expect.any(Number) as number,
};
/** Far more than the server's own work takes, and than this machine holds it up. */
const SLOW_MS = 1_000;

const folder = new ServedFolder();
copyWithWork('busy', [20], { root: folder.root, name: 'busy' });
let server: Server;
beforeAll(async () => {
  server = await folder.serve({ INFERENCE_PROCESSES: '2' });
});

async function get(path: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const reply = await fetch(server.url + path);
  return { status: reply.status, body: (await reply.json()) as Record<string, unknown> };
}

const metrics = async (): Promise<string> => (await fetch(`${server.url}/metrics`)).text();

const cpuMs = async (): Promise<number> => metric(await metrics(), 'process_cpu_seconds_total') * 1000;

/** Asks again and again until it is told to stop. @returns how often it was answered */
async function asking(path: string, signal: AbortSignal): Promise<number> {
  let answers = 0;
  for (; !signal.aborted; answers++) {
    await (await fetch(server.url + path)).text();
    await after(100);
  }
  return answers;
}

async function predict(model: string, row: unknown): Promise<{ status: number; body: object }> {
  const reply = await server.post(`/models/${model}/predict`, row);
  return { status: reply.status, body: (await reply.json()) as object };
}

/** Processes of the server in which models run. */
const children = (): number[] => childrenOf(server.pid, 'model-child');

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await after(20);
}

describe('a slow model beside a fast one', () => {
  it('runs in processes of its own, and the other in the server', async () => {
    const { body } = await get('/models');
    const [busy, turnover] = body['models'] as { versions: unknown[] }[];

    expect(busy!.versions).toEqual([apart]);
    expect(turnover!.versions).toEqual([{ version: '1', state: 'ready', sha256: HEX, runs_in: 'server' }]);
    expect((await get('/models/busy/versions/1')).body).toMatchObject({ ...apart, model: 'busy' });
    expect(server.stdout).toMatch(
      /"model ready","model":"busy","ms_per_row":[\d.]+,"processes":2,"runs_in":"processes"/,
    );
    expect(server.stdout).toMatch(/"model ready","model":"turnover","runs_in":"server"/);
    expect(children()).toHaveLength(2);
    expect(series(await metrics()).filter((name) => /^nestor_model_(processes|runs)/.test(name))).toEqual([
      'nestor_model_processes{model="busy",version="1"}',
      'nestor_model_runs_waiting{model="busy"}',
    ]);
  });

  it('answers with what it has learnt', async () => {
    const { status, body } = await predict('busy', workOf(20));

    expect([status, body]).toMatchObject([200, { model: 'busy', version: '1', prediction: 1 }]);
  });

  it('stays in the server where the budget says so', async () => {
    const root = temporaryFolder();
    copyWithWork('busy', [20], { root, name: 'busy' });
    const app = await createTestApp({ ARTIFACTS_DIR: root, INFERENCE_BUDGET_MS: '60000' });

    expect((await app.get('/models/busy')).body).toMatchObject({ versions: [{ runs_in: 'server' }] });
  });
});

describe('a slow version of a model that is fast', () => {
  it('comes by HTTP, and nothing of it runs in the server, not even to be measured', async () => {
    const copy = copyWithWork('busy', [SLOW_MS], { root: temporaryFolder(), name: 'turnover', version: '2' });
    const tar = await tarOfFolder(copy.folder);
    const before = await cpuMs();
    const asked = new AbortController();
    const answered = asking('/health/live', asked.signal);
    const reply = await fetch(`${server.url}/models/turnover/versions`, {
      method: 'POST',
      headers: TAR,
      body: new Uint8Array(tar),
    });
    asked.abort();

    expect([reply.status, await reply.json()]).toMatchObject([201, { ...apart, version: '2' }]);
    expect(await answered).toBeGreaterThan(10);
    // A run in the process that serves would take this time of its processor, and hold up all that it does; where its loop
    // stood still for longer than it computed, others had the processor.
    const text = await metrics();
    const computedMs = metric(text, 'process_cpu_seconds_total') * 1000 - before;
    const stoodStillMs = metric(text, 'nodejs_eventloop_lag_max_seconds') * 1000;
    expect(Math.min(computedMs, stoodStillMs)).toBeLessThan(SLOW_MS);
  });

  it('is promoted, answers from its processes, and the fast one answers again after a rollback', async () => {
    const change = async (method: string, path: string, body?: object): Promise<number> => {
      const reply = await fetch(`${server.url}/models/turnover${path}`, {
        method,
        headers: ADMIN,
        ...(body && { body: JSON.stringify(body) }),
      });
      await reply.text();
      return reply.status;
    };
    expect(await change('PUT', '/aliases/champion', { version: '2' })).toBe(200);
    expect((await predict('turnover', workOf(20))).body).toMatchObject({ version: '2' });
    expect(await change('POST', '/rollback', {})).toBe(200);
    expect((await predict('turnover', TURNOVER_ROW)).body).toMatchObject({ version: '1' });

    expect(children()).toHaveLength(4);
    expect(await change('DELETE', '/versions/2')).toBe(204);
    await until(() => children().length === 2);
    expect(await metrics()).not.toContain('nestor_model_processes{model="turnover"');
    expect(metric(await metrics(), 'nestor_model_process_deaths_total', { model: 'turnover' })).toBe(0);
  });
});

describe('a model whose processes end again and again', () => {
  it('is unready with the reason; the others go on', async () => {
    const killing = setInterval(() => {
      for (const pid of children().filter(isAlive)) process.kill(pid, 'SIGKILL');
    }, 50);
    onTestFinished(() => clearInterval(killing));
    await until(async () => (await get('/models/busy/ready')).status === 503);
    const why = expect.stringMatching(/its processes ended 5 times within a minute/) as string;

    expect(await get('/models/busy/ready')).toMatchObject({
      status: 503,
      body: { code: 'model_process_ended', detail: why },
    });
    expect(await predict('busy', workOf(20))).toMatchObject({
      status: 503,
      body: { code: 'model_process_ended', detail: why },
    });
    expect((await get('/health/ready')).body).toMatchObject({
      status: 'ok',
      info: { models: { ready: 1, unready: ['busy'] } },
    });
    expect(metric(await metrics(), 'nestor_model_ready', { model: 'busy' })).toBe(0);
    await until(async () => (await get('/models/busy')).body['state'] === 'failing');
    expect((await get('/models/busy')).body).toMatchObject({
      state: 'failing',
      versions: [{ version: '1', state: 'failing', runs_in: 'processes', reason: why }],
    });
    expect(await (await fetch(server.url, { headers: { accept: 'text/html' } })).text()).toMatch(
      /not ready: <a href="#model-busy">busy<\/a>\s+\(failing\)/,
    );
    expect((await predict('turnover', TURNOVER_ROW)).status).toBe(200);
    expect(
      metric(await metrics(), 'nestor_model_process_deaths_total', { model: 'busy', reason: 'killed' }),
    ).toBeGreaterThanOrEqual(5);
  });

  it('is ready again when they hold', async () => {
    await until(async () => (await get('/models/busy/ready')).status === 200);
    await until(async () => (await get('/models/busy')).body['state'] === 'ready');

    expect((await predict('busy', workOf(20))).status).toBe(200);
    expect(metric(await metrics(), 'nestor_model_ready', { model: 'busy' })).toBe(1);
  });
});
