import { Client } from 'pg';
import { setTimeout as after } from 'node:timers/promises';
import type { DriftReport } from '../../src/watch/drift-view.js';
import { answers, CONNECTIONS, keptConnection, type Send } from '../support/kept-connection.js';
import { freePort } from '../support/ports.js';
import { HAS_POSTGRES, Postgres } from '../support/postgres.js';
import { readRecords } from '../support/records.js';
import { type Server, startServer } from '../support/server.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';
import { killed, workerOf } from '../support/worker-processes.js';

const WITHIN = { timeout: 30_000, interval: 200 };
const WORKERS = 2;
/** Of each worker to the database. */
const MOST_CONNECTIONS = 4;

describe.skipIf(!HAS_POSTGRES)('two servers of two workers on one PostgreSQL', () => {
  let postgres: Postgres;
  let database: string;
  const logs = [temporaryFolder(), temporaryFolder()] as const;
  let servers: readonly [Server, Server];

  beforeAll(async () => {
    postgres = await Postgres.start();
    database = await postgres.newDatabase();
    const started = async (log: string): Promise<Server> =>
      startServer({
        WORKERS: String(WORKERS),
        PORT: String(await freePort()),
        STATE_DATABASE_URL: database,
        PREDICTION_LOG_DIR: log,
      });
    servers = await Promise.all([started(logs[0]), started(logs[1])]);
  }, 60_000);

  /** Connections that reach all workers of both servers. */
  const connections = (): readonly Send[] =>
    servers.flatMap((server) => Array.from({ length: CONNECTIONS }, () => keptConnection(server.url)));

  async function predict(send: Send): Promise<string> {
    const { status, body } = await send('POST', '/models/turnover/predict', TURNOVER_ROW);
    expect(status).toBe(200);
    return (JSON.parse(body) as { prediction_id: string }).prediction_id;
  }

  const jobs = async (send: Send): Promise<number> => (await send('GET', '/jobs')).status;
  const recorded = (): number => logs.reduce((sum, log) => sum + readRecords(log).length, 0);

  /** Rows in the windows of an hour. */
  async function counted(send: Send): Promise<number> {
    const { body } = await send('GET', '/models/turnover/drift');
    const { windows } = JSON.parse(body) as DriftReport;
    return windows.filter(({ seconds }) => seconds === 3_600).reduce((sum, { rows }) => sum + rows, 0);
  }

  it('give a job to one runner of all that wait, and tell of its end wherever it is followed', async () => {
    const all = connections();
    await vi.waitFor(async () => expect(await answers(all, jobs)).toEqual([200]), WITHIN);
    const schema = { type: 'object', properties: {}, additionalProperties: false };
    const models = Object.fromEntries(['job-a', 'job-b', 'job-c'].map((name) => [name, schema]));
    const claimed: { job: { id: string }; lease: { token: string } }[] = [];
    for (const [runner, send] of connections().entries())
      void send('POST', '/runners/claim', { runner: `r${runner}`, models }).then(
        ({ status, body }) => status === 200 && claimed.push(JSON.parse(body) as (typeof claimed)[0]),
        () => undefined,
      );
    const asked = await Promise.all(
      Object.keys(models).map(async (model, place) => {
        for (;;) {
          const { status, body } = await all[place * 5]!('POST', `/models/${model}/train`, {});
          if (status === 202) return (JSON.parse(body) as { id: string }).id;
          await after(20);
        }
      }),
    );
    await vi.waitFor(() => expect(claimed).toHaveLength(asked.length), WITHIN);
    expect(claimed.map(({ job }) => job.id).toSorted()).toEqual(asked.toSorted());

    const [{ job, lease }] = claimed as [(typeof claimed)[0]];
    const followed = all.slice(1).map((send) => send('GET', `/jobs/${job.id}/events`));
    const end = { token: lease.token, state: 'error', error: { code: 'trial', detail: 'a trial' } };
    expect(await all[0]!('POST', `/jobs/${job.id}/result`, end)).toMatchObject({ status: 200 });
    for (const { body } of await Promise.all(followed)) expect(body).toContain('"state":"error"');
    // Nobody was given a job that another one had.
    expect(claimed).toHaveLength(asked.length);
  });

  it('take feedback for what the other server has answered, from many at once, and keep it once', async () => {
    const all = connections();
    const ids = await Promise.all(all.map(predict));
    const give = async (send: Send, prediction_id: string): Promise<void> => {
      // As a caller does that is told to repeat its call: the machine may be busy.
      while ((await send('POST', '/feedback', { prediction_id, value: 1 })).status !== 200) await after(100);
    };
    const given = ids.flatMap((id, at) =>
      [CONNECTIONS, CONNECTIONS + 1].map((next) => give(all[(at + next) % all.length]!, id)),
    );
    await Promise.all(given);
    const labelled = async (send: Send): Promise<string[]> => {
      const { body } = await send('GET', '/models/turnover/labelled');
      const lines = body.split('\n').filter(Boolean);
      return lines.map((line) => (JSON.parse(line) as { prediction_id: string }).prediction_id).toSorted();
    };
    await vi.waitFor(async () => expect(await labelled(all[0]!)).toEqual(ids.toSorted()), WITHIN);
  });

  it('hold four connections for each worker at most, also where one was killed', async () => {
    const all = connections();
    // So nothing that it has counted is lost.
    await vi.waitFor(async () => expect(await counted(all[0]!)).toBe(recorded()), WITHIN);
    await killed(workerOf(servers[0], 1));
    const client = new Client(database);
    await client.connect();
    const open = async (): Promise<number> => {
      const { rows } = await client.query<{ open: number }>(
        "select count(*)::int as open from pg_stat_activity where application_name = 'nestor' and datname = current_database()",
      );
      return rows[0]!.open;
    };
    let most = 0;
    const fresh = connections();
    for (let round = 0; round < 5; round++) {
      const [now] = await Promise.all([open(), ...fresh.map(jobs), ...fresh.map(counted)]);
      most = Math.max(most, now);
    }
    await client.end();
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(2 * WORKERS * MOST_CONNECTIONS);
  });

  it('predict on while it is killed, find it again, and count together what they have recorded', async () => {
    const all = connections();
    const ended = new AbortController();
    const callers = all.map(async (send) => {
      while (!ended.signal.aborted) await predict(send).then(() => after(50));
    });
    await postgres.stop('SIGKILL');
    const others = connections();
    const began = performance.now();
    expect(await answers(others, jobs)).toEqual([503]);
    expect(performance.now() - began).toBeLessThan(3_000);
    await after(1_000);
    await postgres.begin();
    await vi.waitFor(async () => expect(await answers(others, jobs)).toEqual([200]), WITHIN);
    ended.abort();
    await Promise.all(callers);
    for (const send of [all[0]!, all[CONNECTIONS]!])
      await vi.waitFor(async () => expect(await counted(send)).toBe(recorded()), WITHIN);
  });

  it('end, and have added all that they counted', async () => {
    const all = connections();
    const before = await counted(all[0]!);
    await Promise.all(all.map(predict));
    const ends = await Promise.all(servers.map((server) => server.stop()));
    expect(ends.map(({ code }) => code)).toEqual([0, 0]);
    const client = new Client(database);
    await client.connect();
    const { rows } = await client.query<{ sum: number }>(
      'select sum(rows)::int as sum from drift_windows where seconds = 3600',
    );
    await client.end();
    expect(rows[0]!.sum).toBe(before + all.length);
  });
});
