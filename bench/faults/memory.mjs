import { setTimeout as after } from 'node:timers/promises';
import { readProc } from '../server.mjs';
import { BODY } from '../single.mjs';
import { workBody } from '../slow-models.mjs';
import { call } from '../call.mjs';
import { failedOf, Load, words } from '../load.mjs';
import { faultsOfRecords } from './records.mjs';
import { broken, MODEL_MIB, ms, recordsOf, served } from './served.mjs';

/** 2 GB. */
const TOO_MUCH = workBody(250);
const MODEST = workBody(5);
const NEXT_MS = 3_000;
const PATH = '/models/hungry/predict';

/** A run wants 2 GB, beside calls of the same model that want 40 MB, and of another. */
export const memory = {
  what: `a run of 2 GB in a process that may take ${MODEL_MIB} MB, under load`,
  bound: 'that call 503, nobody else fails; the next call answered in < 3 s',
  async run({ folder, rounds, patience }) {
    const server = await served(folder, { slow: ['hungry'] });
    const loads = [
      new Load(server.port, { path: PATH, body: MODEST, callers: 2, pauseMs: 5 }),
      new Load(server.port, { path: '/predict', body: BODY, callers: 4, pauseMs: 5 }),
      new Load(server.port, { path: '/health/live', pauseMs: 10 }),
    ];
    const most = new Peak(server);
    const [refused, next] = [[], []];
    // Five deaths in a minute are another fault.
    for (let round = 0; round < Math.min(rounds, 4); round++) {
      await after(1_000);
      refused.push(await call(server.port, 'POST', PATH, { body: TOO_MUCH }));
      next.push(await call(server.port, 'POST', PATH, { body: MODEST }));
    }
    await Promise.all(loads.map((load) => load.stop()));
    most.stop();
    await server.stop();
    const others = failedOf(loads, patience);
    const wrong = refused.filter(({ status, code }) => status !== 503 || code !== 'model_process_ended');
    const slowest = Math.max(...next.map(({ began, ended }) => ended - began));
    return {
      seen:
        `${refused.length} such runs: ${words(refused)}; its processes took ${most.mib.toFixed(0)} MiB at most; ` +
        `next call after ${ms(slowest)} at most; ${loads.flatMap(({ answered }) => answered).length} others answered, failed: ${words(others)}`,
      broken: broken(
        wrong.length > 0 && `not 503 model_process_ended: ${words(wrong)}`,
        next.some(({ status }) => status !== 200) && `the next call got ${words(next)}`,
        slowest > patience * NEXT_MS && 'the next call waited too long',
        others.length > 0 && 'others failed',
        await faultsOfRecords(recordsOf(folder), loads, 1 + 2 * rounds),
      ),
    };
  },
};

/** The most that one of the models' processes has held, looked at every 20 ms. */
class Peak {
  mib = 0;

  constructor(server) {
    this.timer = setInterval(() => {
      for (const pid of server.modelProcesses()) {
        const [, kib = 0] = /^RssAnon:\s+(\d+)/m.exec(readProc(pid, 'status')) ?? [];
        this.mib = Math.max(this.mib, Number(kib) / 1024);
      }
    }, 20);
  }

  stop() {
    clearInterval(this.timer);
  }
}
