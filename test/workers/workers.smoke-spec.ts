import { readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { copyTurnover } from '../support/artifacts.js';
import { Callers } from '../support/callers.js';
import { Connection, jsonRequest } from '../support/connection.js';
import { untilClosed } from '../support/ports.js';
import { readRecords } from '../support/records.js';
import { type Server, spawnServer, startServer } from '../support/server.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';
import { childrenOf, linesOf, untilGone, untilSaid } from '../support/worker-processes.js';

const PREDICT = jsonRequest('/predict', TURNOVER_ROW);
const DELAY_MS = 700;
/** Up to six processes start one after the other. */
const RELOADS_MS = 180_000;

/** `WORKERS=2` with one model, which starts soonest. */
const ofTwo = (more: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  WORKERS: '2',
  ARTIFACTS_DIR: copyTurnover().root,
  ...more,
});

describe('a server of two workers', () => {
  const cwd = temporaryFolder();
  const logs = temporaryFolder();
  let server: Server;

  beforeAll(async () => {
    const settings = { LOG_DIR: logs, MANAGEMENT_PORT: '0', SHUTDOWN_DELAY_MS: String(DELAY_MS) };
    server = await startServer(ofTwo(settings), { cwd });
  });

  /** Has workers replaced while they are called, and resolves with what went wrong. */
  async function reloaded(times: number, signals: number): Promise<readonly string[]> {
    const callers = new Callers(server.port, { kept: 4, perCall: 4 });
    for (let signal = 0; signal < signals; signal++) {
      server.child.kill('SIGHUP');
      await after(200);
    }
    await untilSaid(server, 'workers have been replaced', times);
    await callers.stop();
    return callers.failures;
  }

  it('says once where it listens, and in each line which worker says it', async () => {
    expect(linesOf(server, 'listening')).toEqual([
      expect.objectContaining({
        url: server.url,
        management: expect.stringMatching(/^http:/),
        workers: 2,
        cpus: expect.any(Number),
        memory_bytes: expect.any(Number),
      }),
    ]);
    expect(linesOf(server, 'model ready').map(({ worker }) => worker)).toEqual(
      expect.arrayContaining([0, 1]),
    );
    expect(readdirSync(logs).toSorted()).toEqual([
      'nestor.log',
      'nestor.worker-0.log',
      'nestor.worker-1.log',
    ]);
    const management = String(linesOf(server, 'listening')[0]!['management']);
    expect((await fetch(`${management}/health/ready`)).status).toBe(200);
  });

  it('starts a worker again that was killed, and answers meanwhile', async () => {
    const [killed, other] = childrenOf(server.pid) as [number, number];
    process.kill(killed, 'SIGKILL');
    const said = await untilSaid(server, 'worker has ended and is started again');

    expect(said).toMatchObject({ pid: killed, how: 'SIGKILL' });
    expect((await server.post('/predict', TURNOVER_ROW)).status).toBe(200);
    await untilSaid(server, 'model ready', 3);
    expect(childrenOf(server.pid)).toHaveLength(2);
    expect(childrenOf(server.pid)).toContain(other);
  });

  it('SIGHUP: the workers are replaced, and no call fails', { timeout: RELOADS_MS }, async () => {
    const before = childrenOf(server.pid);
    expect(await reloaded(1, 1)).toEqual([]);

    const now = childrenOf(server.pid);
    expect(now).toHaveLength(2);
    expect(now.filter((pid) => before.includes(pid))).toEqual([]);
    expect(linesOf(server, 'replaced worker has not ended as it should')).toEqual([]);
  });

  it('SIGHUP with settings that are wrong: those of before serve on', async () => {
    const before = childrenOf(server.pid);
    writeFileSync(join(cwd, '.env'), 'WINDOW_SECONDS=soon\n');
    server.child.kill('SIGHUP');
    const said = await untilSaid(server, 'new worker cannot start; those of before serve on');

    expect(said).toMatchObject({ worker: 0, how: 1, faults: [{ what: 'WINDOW_SECONDS is "soon"' }] });
    expect(childrenOf(server.pid)).toEqual(before);
    writeFileSync(join(cwd, '.env'), '');
  });

  it('SIGHUP while workers are replaced: all are, once more', { timeout: RELOADS_MS }, async () => {
    expect(await reloaded(3, 3)).toEqual([]);

    expect(childrenOf(server.pid)).toHaveLength(2);
  });

  it('SIGTERM to all its processes, as of a terminal: the delay is kept, what is in flight is answered, exit 0', async () => {
    const begun = await Promise.all([1, 2, 3, 4].map(() => Connection.open(server.port)));
    for (const { socket } of begun) socket.write(PREDICT.slice(0, -5));
    await server.post('/predict', TURNOVER_ROW);
    const workers = childrenOf(server.pid);
    const started = performance.now();
    for (const pid of workers) process.kill(pid, 'SIGTERM');
    const ended = server.stop();
    await untilClosed(server.port);
    expect(performance.now() - started).toBeGreaterThan(DELAY_MS);

    const replies = await Promise.all(begun.map((each) => each.call(PREDICT.slice(-5))));
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(await ended).toMatchObject({ code: 0, signal: null });
    expect(server.stderr).toBe('');
    await untilGone(workers);
  });
});

describe('a primary', () => {
  it('ends, and says why, when its workers die too often', async () => {
    const server = spawnServer(ofTwo());
    for (let deaths = 0; deaths < 6; deaths++) {
      let born: number[] = [];
      while (born.length === 0) {
        await after(10);
        born = childrenOf(server.pid);
      }
      process.kill(born[0]!, 'SIGKILL');
      await untilGone([born[0]!]);
    }

    expect(await server.ended).toMatchObject({ code: 1, signal: null });
    expect(linesOf(server, 'worker has ended and is started again')).toHaveLength(5);
    expect(server.stdout).toContain('workers end too often, so the server ends');
  });

  it('says once what keeps the workers from starting, or what it sees itself', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const taken = spawnServer(ofTwo({ PORT: String(port), HOST: '127.0.0.1' }));
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    const failing = spawnServer(ofTwo({ PREDICTION_LOG_DIR: file }));

    expect(await taken.ended).toMatchObject({ code: 1 });
    expect(taken.stderr).toMatch(/^Nestor cannot start:\n.*EADDRINUSE.*\n.*another PORT\n$/);
    expect(await failing.ended).toMatchObject({ code: 1 });
    expect(failing.stderr).toMatch(/^Nestor cannot start:\n.*PREDICTION_LOG_DIR.*\n.*mend:.*\n$/);
    other.close();
  });

  it('that is killed takes its workers along, and they answer what is in flight', async () => {
    const server = await startServer(
      ofTwo({ SHUTDOWN_DELAY_MS: '60000', PREDICTION_LOG_DURABILITY: 'buffered' }),
    );
    const begun = await Promise.all([1, 2, 3, 4].map(() => Connection.open(server.port)));
    for (const { socket } of begun) socket.write(PREDICT.slice(0, -5));
    await server.post('/predict', TURNOVER_ROW);
    const workers = childrenOf(server.pid);
    server.child.kill('SIGKILL');
    await untilClosed(server.port);

    const replies = await Promise.all(begun.map((each) => each.call(PREDICT.slice(-5))));
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    await untilGone(workers);
    expect(readRecords(server.settings['PREDICTION_LOG_DIR']!)).toHaveLength(5);
  });
});

it('a server of one process serves on at SIGHUP, and says what that would need', async () => {
  const server = await startServer({ ARTIFACTS_DIR: copyTurnover().root });
  server.child.kill('SIGHUP');
  await untilSaid(server, 'SIGHUP replaces workers, and needs WORKERS to be 2 at least: nothing is done');

  expect((await server.post('/predict', TURNOVER_ROW)).status).toBe(200);
});
