import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { withKeys } from '../support/keys.js';
import { freePort } from '../support/ports.js';
import { type Server, startServer } from '../support/server.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';
import { childrenOf } from '../support/worker-processes.js';

/** So many connections reach all workers: they are dealt out in turn. */
const CONNECTIONS = 8;
const RATE = 100;

const { settings, keys } = withKeys({
  steady: { rate: RATE, burst: RATE },
  spent: { rate: 1, burst: 100 },
  revoked: {},
  unrated: {},
});
let server: Server;
beforeAll(async () => {
  // Known, as nobody listens for a while when all workers have been killed.
  const PORT = String(await freePort());
  server = await startServer({ ...settings, PORT, WORKERS: '2' });
});

/** Statuses (0: nobody listened) of calls with a key, each by a connection that stays; new ones each time this is asked. */
function connections(key: string): readonly (() => Promise<number>)[] {
  return Array.from({ length: CONNECTIONS }, () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    return () =>
      new Promise<number>((resolve) => {
        request(`${server.url}/models`, { agent, headers: { 'x-api-key': key } }, (reply) => {
          reply.resume().on('end', () => resolve(reply.statusCode!));
        })
          .on('error', () => resolve(0))
          .end();
      });
  });
}

/** What is answered by all of these connections, each status once. */
const statuses = async (all: readonly (() => Promise<number>)[]): Promise<number[]> => [
  ...new Set(await Promise.all(all.map((ask) => ask()))),
];

/** Names of the threads of a process, its first one first; a library's have the name of the one that has made them. */
const threadsOf = (pid: number): string[] =>
  readdirSync(`/proc/${pid}/task`).map((id) => readFileSync(`/proc/${pid}/task/${id}/comm`, 'utf8').trim());

describe('callers of two workers', () => {
  it('are answered by one thread of each, however many models there are', () => {
    for (const pid of childrenOf(server.pid)) {
      const [first, ...others] = threadsOf(pid);
      expect(others).not.toContain(first);
      // Those of V8 and of the pool for files, four each, and three that wait for what Node tells them.
      expect(others.length).toBeLessThanOrEqual(11);
    }
  });

  it('have the rate of their key, whichever worker answers', async () => {
    const all = connections(keys.steady);
    const began = performance.now();
    let passed = 0;
    await Promise.all(
      all.map(async (ask) => {
        while (performance.now() - began < 2_000) if ((await ask()) === 200) passed++;
      }),
    );
    const due = RATE + (RATE * (performance.now() - began)) / 1_000;
    // Each worker alone would have given as much.
    expect(passed / due).toBeGreaterThan(0.8);
    expect(passed / due).toBeLessThan(1.2);
  });

  it('are refilled by no worker that is started anew', { timeout: 40_000 }, async () => {
    const rows = { instances: Array.from({ length: 1_000 }, () => TURNOVER_ROW) };
    const paid = await server.post('/v1/models/turnover:predict', rows, { 'x-api-key': keys.spent });
    expect(paid.status).toBe(200);
    await vi.waitFor(async () => expect(await statuses(connections(keys.spent))).toEqual([429]), 5_000);

    const killed = childrenOf(server.pid);
    for (const pid of killed) process.kill(pid, 'SIGKILL');
    await vi.waitFor(
      () => expect(childrenOf(server.pid).filter((pid) => !killed.includes(pid))).toHaveLength(2),
      20_000,
    );
    await vi.waitFor(async () => expect(await statuses(connections(keys.unrated))).toEqual([200]), {
      timeout: 20_000,
      interval: 100,
    });
    expect(await statuses(connections(keys.spent))).toEqual([429]);
  });

  it('are refused by all of them within 5 s of the end of their key', { timeout: 30_000 }, async () => {
    const all = connections(keys.revoked);
    expect(await statuses(all)).toEqual([200]);
    const path = settings['API_KEYS_FILE']!;
    const { keys: entries } = JSON.parse(readFileSync(path, 'utf8')) as { keys: { name: string }[] };
    const left = entries.filter(({ name }) => name !== 'revoked');
    writeFileSync(`${path}.new`, JSON.stringify({ keys: left }), { mode: 0o600 });
    renameSync(`${path}.new`, path);

    await vi.waitFor(async () => expect(await statuses(all)).toEqual([401]), {
      timeout: 5_000,
      interval: 100,
    });
    expect(await statuses(connections(keys.unrated))).toEqual([200]);
  });
});
