import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import type { DriftReport } from '../../src/watch/drift-view.js';
import { withKeys } from '../support/keys.js';
import { answers, CONNECTIONS, keptConnection, type Send } from '../support/kept-connection.js';
import { nestor } from '../support/nestor.js';
import { freePort } from '../support/ports.js';
import { TAR, tarOfFolder } from '../support/pushed.js';
import { readRecords } from '../support/records.js';
import { ServedFolder } from '../support/served-folder.js';
import { type Server, startServer } from '../support/server.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';
import { killed, workerOf } from '../support/worker-processes.js';

interface Predicted {
  readonly version: string;
  readonly prediction_id: string;
}

const WITHIN = { timeout: 30_000, interval: 100 };
const CHAMPION = '/models/turnover/aliases/champion';
const { settings: auth, keys } = withKeys({ all: {} });
const folder = new ServedFolder();
const records = temporaryFolder();
const state = temporaryFolder();
/** Keys that runners were given. */
const lent = join(temporaryFolder(), 'lent');
let server: Server;

beforeAll(async () => {
  // A runner that has its key written down, and ends as others do.
  const python = join(temporaryFolder(), 'python');
  writeFileSync(python, `#!/bin/sh\nread key; echo "$key" >> ${lent}; exec cat\n`, { mode: 0o755 });
  server = await startServer({
    ...auth,
    WORKERS: '2',
    PORT: String(await freePort()),
    ARTIFACTS_DIR: folder.root,
    PREDICTION_LOG_DIR: records,
    PREDICTION_LOG_DURABILITY: 'buffered',
    STATE_DIR: state,
    TRAINING_PYTHON: python,
  });
});

const connection = (key: string = keys.all): Send => keptConnection(server.url, { 'x-api-key': key });
const connections = (key?: string): readonly Send[] =>
  Array.from({ length: CONNECTIONS }, () => connection(key));

/** How many predictions were answered by each version. */
const answered = new Map<string, number>();

async function predict(send: Send, route = '/models/turnover/predict'): Promise<Predicted> {
  const { status, body } = await send('POST', route, TURNOVER_ROW);
  expect(status).toBe(200);
  const predicted = JSON.parse(body) as Predicted;
  answered.set(predicted.version, (answered.get(predicted.version) ?? 0) + 1);
  return predicted;
}

const versionOf = async (send: Send): Promise<string> => (await predict(send)).version;

const push = async (send: Send, version: string): Promise<number> =>
  (await send('POST', '/models/turnover/versions', await tarOfFolder(folder.make(version).folder), TAR))
    .status;

/** Rows of a version in the windows of an hour. */
async function countedOf(send: Send, version: string): Promise<number> {
  const { body } = await send('GET', `/models/turnover/drift?version=${version}`);
  const { windows } = JSON.parse(body) as DriftReport;
  return windows.filter(({ seconds }) => seconds === 3_600).reduce((sum, { rows }) => sum + rows, 0);
}

const recordedOf = (version: string): number =>
  readRecords(records).filter((record) => record['version'] === version).length;

const lentKeys = (): string[] =>
  existsSync(lent) ? readFileSync(lent, 'utf8').split('\n').filter(Boolean) : [];

describe('two workers', () => {
  it('answer by another champion, whoever is asked, from the answer of the change on', async () => {
    const all = connections();
    expect(await push(all[0]!, '2')).toBe(201);
    const byNumber = (send: Send): Promise<Predicted> => predict(send, '/models/turnover/versions/2/predict');
    for (const { version } of await answers(all, byNumber)) expect(version).toBe('2');
    for (let round = 0; round < 6; round++) {
      const version = round % 2 === 0 ? '2' : '1';
      const changed = await all[round]!('PUT', CHAMPION, { version }, { 'if-match': '*' });
      expect(changed.status).toBe(200);
      expect(await answers(all, versionOf)).toEqual([version]);
    }
  });

  it('forget a version, whoever is asked, from the answer of its end on', async () => {
    const all = connections();
    expect(await push(all[1]!, '3')).toBe(201);
    const told = async (send: Send): Promise<number> =>
      (await send('GET', '/models/turnover/versions/3')).status;
    expect(await answers(all, told)).toEqual([200]);
    const gone = await all[2]!('DELETE', '/models/turnover/versions/3', undefined, { 'if-match': '*' });
    expect(gone.status).toBe(204);
    expect(await answers(all, told)).toEqual([404]);
  });

  it('find what another one has answered, and take feedback for it, before it is written', async () => {
    const all = connections();
    for (let at = 0; at < CONNECTIONS; at++) {
      const [one, other, third] = [0, 1, 2].map((next) => all[(at + next) % CONNECTIONS]!) as [
        Send,
        Send,
        Send,
      ];
      const { prediction_id } = await predict(one);
      expect(await other('GET', `/predictions/${prediction_id}`)).toMatchObject({ status: 200 });
      const given = await third('POST', '/feedback', { prediction_id, value: 1 });
      expect(JSON.parse(given.body)).toMatchObject({ accepted: 1, rejected: [] });
    }
  });

  it('give a job to one runner of all that wait, and tell of its end wherever it is followed', async () => {
    const schema = { type: 'object', properties: {}, additionalProperties: false };
    const models = Object.fromEntries(['job-a', 'job-b', 'job-c'].map((name) => [name, schema]));
    const claimed: { job: { id: string; model: string }; lease: { token: string } }[] = [];
    for (let runner = 0; runner < 8; runner++)
      void connection()('POST', '/runners/claim', { runner: `r${runner}`, models }).then(
        ({ status, body }) => status === 200 && claimed.push(JSON.parse(body) as (typeof claimed)[0]),
        () => undefined,
      );
    const all = connections();
    const asked = await Promise.all(
      Object.keys(models).map(async (model, place) => {
        for (;;) {
          const { status, body } = await all[place]!('POST', `/models/${model}/train`, {});
          if (status === 202) return (JSON.parse(body) as { id: string }).id;
          await after(20);
        }
      }),
    );
    await vi.waitFor(() => expect(claimed).toHaveLength(3), WITHIN);
    expect(claimed.map(({ job }) => job.id).toSorted()).toEqual(asked.toSorted());

    const [{ job, lease }] = claimed as [(typeof claimed)[0]];
    const followed = all.slice(0, 4).map((send) => send('GET', `/jobs/${job.id}/events`));
    await after(100);
    const end = { token: lease.token, state: 'error', error: { code: 'trial', detail: 'a trial' } };
    expect(await all[5]!('POST', `/jobs/${job.id}/result`, end)).toMatchObject({ status: 200 });
    for (const { body } of await Promise.all(followed)) expect(body).toContain('"state":"error"');
    // Nobody was given a job that another one had.
    expect(claimed).toHaveLength(3);
  });

  it('count together what they have recorded, and lose by a kill what was not added yet', async () => {
    const all = connections();
    for (let round = 0; round < 10; round++) await answers(all, versionOf);
    const counted = (): Promise<number> => countedOf(all[0]!, '1');
    await vi.waitFor(async () => expect(await counted()).toBe(answered.get('1')), WITHIN);
    expect(recordedOf('1')).toBe(answered.get('1'));
    const before = await counted();
    await answers(all, versionOf);
    await killed(workerOf(server, 1));
    const others = connections();
    await answers(others, versionOf);
    const now = (): Promise<number> => countedOf(others[0]!, '1');
    await vi.waitFor(async () => expect(await now()).toBeGreaterThanOrEqual(before + CONNECTIONS), WITHIN);
    expect(await now()).toBeLessThanOrEqual(before + 2 * CONNECTIONS);
  });

  it('know the key of the runner that one of them has started, and its end', async () => {
    await vi.waitFor(() => expect(lentKeys()).toHaveLength(1), WITHIN);
    const ask = async (send: Send): Promise<number> =>
      (await send('POST', '/jobs/none/heartbeat', {})).status;
    expect(await answers(connections(lentKeys()[0]), ask)).toEqual([400]);
    await killed(workerOf(server, 0));
    await vi.waitFor(() => expect(lentKeys()).toHaveLength(2), WITHIN);
    expect(await answers(connections(lentKeys()[0]), ask)).toEqual([401]);
    expect(await answers(connections(lentKeys()[1]), ask)).toEqual([400]);
  });

  it('answer on while the primary stands still, but for what it owns, and go on when it does', async () => {
    const all = connections();
    await answers(all, versionOf);
    process.kill(server.pid, 'SIGSTOP');
    const began = performance.now();
    try {
      const jobs = await answers(all, async (send) => (await send('GET', '/jobs')).status);
      expect(jobs).toEqual([503]);
      expect(performance.now() - began).toBeLessThan(3_000);
      expect(await answers(all, versionOf)).toEqual(['1']);
    } finally {
      process.kill(server.pid, 'SIGCONT');
    }
    const jobs = async (): Promise<number[]> =>
      answers(all, async (send) => (await send('GET', '/jobs')).status);
    await vi.waitFor(async () => expect(await jobs()).toEqual([200]), WITHIN);
  });

  it('leave a database that is closed, and records that hang together', async () => {
    expect(await server.stop()).toMatchObject({ code: 0 });
    expect(existsSync(join(state, 'nestor.sqlite'))).toBe(true);
    expect(existsSync(join(state, 'nestor.sqlite-wal'))).toBe(false);
    expect(await nestor('log', 'verify', records)).toMatchObject({ code: 0 });
  });
});
