import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { withKeys } from '../support/keys.js';
import { freePort } from '../support/ports.js';
import { type Server, startServer } from '../support/server.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

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
  // Said once for both, or by each.
  await server.untilStdout(/"workers":2|(?:"message":"listening"[^]*){2}/);
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

function workers(): number[] {
  const text = readFileSync(`/proc/${server.pid}/task/${server.pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}

describe('callers of two workers', () => {
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

    const killed = workers();
    for (const pid of killed) process.kill(pid, 'SIGKILL');
    await vi.waitFor(() => expect(workers().filter((pid) => !killed.includes(pid))).toHaveLength(2), 5_000);
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
