import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Callers } from '../support/callers.js';
import { CONNECTIONS, type KeptAnswer, keptConnection, type Send } from '../support/kept-connection.js';
import { nestor } from '../support/nestor.js';
import { TAR, tarOfFolder } from '../support/pushed.js';
import { ServedFolder, type ToldModel } from '../support/served-folder.js';
import type { Server } from '../support/server.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';
import { childrenOf, killed, untilAllServe, untilGone, workerOf } from '../support/worker-processes.js';

const WITHIN = { timeout: 30_000, interval: 100 };
const IF_ANY = { 'if-match': '*' };
const folder = new ServedFolder();
const records = temporaryFolder();
const state = temporaryFolder();
let server: Server;

beforeAll(async () => {
  server = await folder.serve({
    WORKERS: '2',
    PREDICTION_LOG_DIR: records,
    // A few rows close a file, so that it can be erased from.
    PREDICTION_LOG_FILE_BYTES: '65536',
    STATE_DIR: state,
  });
});

const connections = (): readonly Send[] =>
  Array.from({ length: CONNECTIONS }, () => keptConnection(server.url));

const push = (send: Send, tar: Buffer): Promise<KeptAnswer> =>
  send('POST', '/models/turnover/versions', tar, TAR);

const uploads = (): string[] => {
  const place = join(folder.root, '.uploads');
  return existsSync(place) ? readdirSync(place) : [];
};

/** What each of new connections is told of the versions, each answer once. */
async function told(): Promise<string[]> {
  const all = connections().map(async (send) => {
    const { versions } = JSON.parse((await send('GET', '/models/turnover')).body) as ToldModel;
    return versions.map(({ version, state: phase }) => `${version} ${phase}`).join(', ');
  });
  return [...new Set(await Promise.all(all))];
}

async function predictedBy(send: Send): Promise<string> {
  const { body } = await send('POST', '/models/turnover/predict', TURNOVER_ROW);
  return (JSON.parse(body) as { version: string }).version;
}

describe('two workers', () => {
  it('take one of the uploads that come to both at one moment, and tell all the same of it', async () => {
    const one = await tarOfFolder(folder.make('2').folder);
    const copy = folder.make('2');
    copy.write('card.md', 'another card');
    const other = await tarOfFolder(copy.seal().folder);
    const all = connections();
    // Connections are dealt out in turn: each worker is given one.
    const race = (from: number): Promise<KeptAnswer[]> =>
      Promise.all([push(all[from]!, one), push(all[from + 1]!, other)]);
    const [ofOne, ofOther] = (await race(0)).map(({ status }) => status);
    expect([ofOne, ofOther].toSorted((a, b) => a! - b!)).toEqual([201, 409]);
    // The same files once more are none too many.
    expect((await race(2)).map(({ status }) => status)).toEqual(ofOne === 201 ? [200, 409] : [409, 200]);

    const card = readFileSync(join(folder.model, '2', 'card.md'), 'utf8');
    expect(card === 'another card').toBe(ofOther === 201);
    expect(await told()).toEqual(['1 ready, 2 ready']);
    expect(uploads()).toEqual([]);
  });

  it('leave nothing of an upload whose worker is killed, and take the same one by the other', async () => {
    const tar = await tarOfFolder(folder.make('3').folder);
    const cut = push(keptConnection(server.url), tar).catch((error: unknown) => error);
    await vi.waitFor(() => expect(uploads()).toHaveLength(1), { timeout: 10_000, interval: 1 });
    await killed(Number(/-(\d+)-[^-]+$/.exec(uploads()[0]!)![1]));
    expect(await cut).toBeInstanceOf(Error);

    const again = keptConnection(server.url);
    expect(await predictedBy(again)).toBe('1');
    expect(await push(again, tar)).toMatchObject({ status: 201 });
    await untilAllServe(server);
    expect(await told()).toEqual(['1 ready, 2 ready, 3 ready']);
    expect(uploads()).toEqual([]);
  });

  it('answer from the answer of a change on by that champion, also the one that is just being started', async () => {
    await killed(workerOf(server, 0));
    let isBack = false;
    const back = untilAllServe(server).then(() => (isBack = true));
    for (let round = 0, after = 0; after < 6; round++, after += Number(isBack)) {
      const version = String(1 + (round % 3));
      const send = keptConnection(server.url);
      const changed = await send('PUT', '/models/turnover/aliases/champion', { version }, IF_ANY);
      expect(changed.status).toBe(200);
      for (const found of await Promise.all(connections().map(predictedBy))) expect(found).toBe(version);
    }
    await back;
  });

  it('lose a version while one of them is killed: the others answer on, and both serve the same', async () => {
    for (const version of ['1', '2'])
      await keptConnection(server.url)('PUT', '/models/turnover/aliases/champion', { version }, IF_ANY);
    const calls = new Callers(server.port, { kept: 4, perCall: 16 });
    await calls.until(100);
    const removed = keptConnection(server.url)('DELETE', '/models/turnover/versions/3', undefined, IF_ANY);
    const dead = workerOf(server, 1);
    const children = childrenOf(dead);
    await killed(dead);
    // Whoever had taken the call may have been the one.
    await removed.catch(() => undefined);
    const again = await keptConnection(server.url)(
      'DELETE',
      '/models/turnover/versions/3',
      undefined,
      IF_ANY,
    );
    expect([204, 404]).toContain(again.status);
    await untilGone(children);
    await untilAllServe(server);
    await vi.waitFor(async () => expect(await told()).toEqual(['1 ready, 2 ready']), WITHIN);
    // Nobody waits for ever, whose connection was on its way to the one that was killed.
    await calls.stop();

    // What was in flight there: no caller has more than one call at a time, and has lost no other one.
    expect(calls.failures.length).toBeLessThanOrEqual(20);
    for (const failure of calls.failures) expect(failure).toMatch(/ECONNRESET|socket hang up/);
    for (const slot of [0, 1]) {
      const open = `/proc/${workerOf(server, slot)}/fd`;
      const files = readdirSync(open).map((each) => readlinkSync(join(open, each)));
      expect(files.filter((each) => each.startsWith(folder.root))).toEqual([]);
    }
  });

  it('forget what is erased while they record, and nothing of it is left in their files', async () => {
    const calls = new Callers(server.port, { kept: 16, perCall: 0 });
    const value = 0.123456789;
    const all = connections();
    const ids: string[] = [];
    for (let at = 0; at < 12; at++) {
      const row = { ...TURNOVER_ROW, satisfaction_level: value };
      const { body } = await all[at % CONNECTIONS]!('POST', '/models/turnover/predict', row);
      const { prediction_id } = JSON.parse(body) as { prediction_id: string };
      ids.push(prediction_id);
      const given = await all[(at + 1) % CONNECTIONS]!('POST', '/feedback', { prediction_id, value: 1 });
      expect(JSON.parse(given.body)).toMatchObject({ accepted: 1 });
    }
    // Exit code 3 as long as one of them writes to a file that has some.
    await vi.waitFor(async () => {
      const choice = ['--where', `satisfaction_level=${value}`, '--by', 'kim'];
      expect(await nestor('log', 'erase', records, ...choice)).toMatchObject({ code: 0 });
    }, WITHIN);
    const holders = (): string[] =>
      [records, state].flatMap((root) =>
        readdirSync(root, { recursive: true, encoding: 'utf8', withFileTypes: true })
          .filter((each) => each.isFile())
          .map(({ parentPath, name }) => join(parentPath, name))
          .filter((path) => readFileSync(path).includes(String(value))),
      );
    await vi.waitFor(() => expect(holders()).toEqual([]), WITHIN);
    for (const send of all) {
      expect(await send('GET', `/predictions/${ids[0]}`)).toMatchObject({ status: 410 });
      expect((await send('GET', '/models/turnover/labelled')).body).not.toContain(String(value));
    }
    await calls.stop();
    expect(calls.failures).toEqual([]);
    expect(await nestor('log', 'verify', records)).toMatchObject({ code: 0 });
    expect(await server.stop()).toMatchObject({ code: 0 });
    expect(holders()).toEqual([]);
  });
});
