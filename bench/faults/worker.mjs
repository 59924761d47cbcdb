import { setTimeout as after } from 'node:timers/promises';
import { rows } from '../admission/bodies.mjs';
import { call } from '../call.mjs';
import { Random } from '../random.mjs';
import { BODY } from '../single.mjs';
import { CounterWatch } from './counters.mjs';
import { Load, words } from '../load.mjs';
import { faultsOfRecords } from './records.mjs';
import { broken, ms, recordsOf, served, whenSo } from './served.mjs';

const WORKERS = 2;
const BATCH_ROWS = 25;
/** So that five deaths within a minute, which end the server, are never reached. */
const EVERY_MS = 15_000;
const BACK_MS = 3_000;
const BATCHES = '/v1/models/turnover:predict';

/** Calls of one row, of several, and of health, for a server of several workers. */
export const loadsOf = ({ port }) => [
  new Load(port, { path: '/predict', body: BODY, callers: 16 }),
  new Load(port, { path: BATCHES, body: rows(BATCH_ROWS), callers: 2 }),
  new Load(port, { path: '/health/live', pauseMs: 10, headers: { connection: 'close' } }),
];
export const rowsOf = ([single, batch]) => single.failed.length + BATCH_ROWS * batch.failed.length;

/** How many workers serve, as one of them says. */
async function running({ port }) {
  const { status, text } = await call(port, 'GET', '/health', { headers: { connection: 'close' } });
  return status === 0 ? 0 : (JSON.parse(text).details?.workers?.running ?? 0);
}

/** One of the workers is killed. */
export const worker = {
  what: `one of ${WORKERS} workers is killed by SIGKILL under load`,
  bound:
    'its calls in flight alone fail; 0 lost, 0 doubled records; counters of /metrics never fall; back in < 3 s',
  async run({ folder, rounds, patience }) {
    const server = await served(folder, { env: { WORKERS: String(WORKERS) } });
    const random = new Random(1);
    const loads = loadsOf(server);
    const counters = new CounterWatch(server.port);
    const [kills, back] = [[], []];
    for (let round = 0; round < rounds; round++) {
      await after(round === 0 ? 2_000 : EVERY_MS);
      const victim = random.pick(server.workers());
      process.kill(victim, 'SIGKILL');
      const killed = performance.now();
      kills.push(killed);
      const isBack = async () => !server.workers().includes(victim) && (await running(server)) === WORKERS;
      const there = await whenSo(isBack, patience * BACK_MS);
      back.push(there && there - killed);
    }
    await after(3_000);
    await Promise.all([...loads, counters].map((each) => each.stop()));
    await server.stop();
    const failed = loads.flatMap((load) => load.failed);
    const odd = loads.flatMap((load) => load.failedApartFrom(kills));
    const fallen = [...counters.fallen.values()];
    return {
      seen:
        `${kills.length} kills, ${loads.flatMap(({ answered }) => answered).length} answered, failed: ${words(failed)}; ` +
        `serves again after ${ms(Math.max(...back.map((time) => time ?? Infinity)))} at most; ` +
        `/metrics read ${counters.read} times, ${fallen.length} series fell`,
      broken: broken(
        odd.length > 0 && `failed without having been in flight: ${words(odd)}`,
        back.includes(undefined) && 'not back in time',
        fallen.length > 0 && `a counter fell: ${fallen.slice(0, 3).join('; ')}`,
        server.child.exitCode !== 0 && `the server ended with ${server.child.exitCode}`,
        await faultsOfRecords(recordsOf(folder), loads, rowsOf(loads)),
      ),
    };
  },
};
