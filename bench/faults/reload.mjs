import { setTimeout as after } from 'node:timers/promises';
import { CounterWatch } from './counters.mjs';
import { failedOf, words } from '../load.mjs';
import { faultsOfRecords } from './records.mjs';
import { broken, ms, recordsOf, served, whenSo } from './served.mjs';
import { loadsOf } from './worker.mjs';

const REPLACED_MS = 30_000;

/** All workers are replaced, one after another. */
export const reload = {
  what: 'SIGHUP to a server of 2 workers under load',
  bound:
    '0 failed calls, every worker another process, counters of /metrics never fall, 0 lost or doubled records',
  async run({ folder, rounds, patience }) {
    const server = await served(folder, { env: { WORKERS: '2' } });
    const loads = loadsOf(server);
    const counters = new CounterWatch(server.port);
    const took = [];
    for (let round = 0; round < rounds; round++) {
      await after(1_000);
      const before = server.workers();
      const began = performance.now();
      server.child.kill('SIGHUP');
      const isReplaced = () => {
        const now = server.workers();
        return now.length === before.length && now.every((pid) => !before.includes(pid));
      };
      const replaced = await whenSo(isReplaced, patience * REPLACED_MS);
      took.push(replaced && replaced - began);
      if (replaced === undefined) break;
    }
    await after(2_000);
    await Promise.all([...loads, counters].map((each) => each.stop()));
    await server.stop();
    const failed = failedOf(loads, patience);
    const fallen = [...counters.fallen.values()];
    return {
      seen:
        `${took.length} reloads, all replaced after ${ms(Math.max(...took.map((time) => time ?? Infinity)))} at most; ` +
        `${loads.flatMap(({ answered }) => answered).length} answered, failed: ${words(failed)}; ${fallen.length} series fell`,
      broken: broken(
        took.includes(undefined) && 'not all workers were replaced',
        failed.length > 0 && 'calls failed',
        fallen.length > 0 && `a counter fell: ${fallen.slice(0, 3).join('; ')}`,
        server.child.exitCode !== 0 && `the server ended with ${server.child.exitCode}`,
        await faultsOfRecords(recordsOf(folder), loads, 0),
      ),
    };
  },
};
