import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { rows } from '../admission/bodies.mjs';
import { BODY } from '../single.mjs';
import { CounterWatch } from './counters.mjs';
import { failedOf, Load, words } from '../load.mjs';
import { faultsOfRecords } from './records.mjs';
import { broken, recordsOf, served } from './served.mjs';

const SOURCE = fileURLToPath(new URL('clock.c', import.meta.url));
const HOUR = 3_600;
/** Seconds off, one after another. */
const STEPS = [HOUR, -HOUR, 26 * HOUR, 0];
const STEP_MS = 1_500;

/** The clock of the day is set forward and back. The monotonic clock goes on, as the kernel has it. */
export const clock = {
  needs: () => (spawnSync('cc', ['--version']).status === 0 ? undefined : 'cc is not installed'),
  what: 'the clock of the day steps by +1 h, -2 h, +27 h and -26 h under load',
  bound: '0 failed calls, records whole and in their order, counters (durations too) never fall',
  async run({ folder, patience }) {
    const [library, file] = [join(folder, 'clock.so'), join(folder, 'shift')];
    execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, SOURCE, '-ldl']);
    const step = (seconds) => writeFileSync(file, new BigInt64Array([BigInt(seconds)]), { flag: 'r+' });
    writeFileSync(file, new BigInt64Array(1));
    const server = await served(folder, { env: { LD_PRELOAD: library, CLOCK_SHIFT: file } });
    const loads = [
      new Load(server.port, { path: '/predict', body: BODY, callers: 4, pauseMs: 2 }),
      new Load(server.port, { path: '/v1/models/turnover:predict', body: rows(200), callers: 1 }),
      new Load(server.port, { path: '/health/ready', pauseMs: 20 }),
    ];
    const counters = new CounterWatch(server.port);
    await after(STEP_MS);
    for (const seconds of STEPS) {
      step(seconds);
      await after(STEP_MS);
    }
    await Promise.all([...loads, counters].map((each) => each.stop()));
    await server.stop();
    const failed = failedOf(loads, patience);
    const fallen = [...counters.fallen.values()];
    const { days, disorder } = order(recordsOf(folder));
    return {
      seen:
        `${loads.flatMap(({ answered }) => answered).length} answered, failed: ${words(failed)}; records of ${days} days; ` +
        `${fallen.length} series fell`,
      broken: broken(
        failed.length > 0 && 'calls failed',
        days < 2 && 'the server did not see the clock step',
        fallen.length > 0 && `a counter fell: ${fallen.slice(0, 3).join('; ')}`,
        disorder > 0 && `${disorder} records are not in the order of their numbers`,
        await faultsOfRecords(recordsOf(folder), loads, 0),
      ),
    };
  },
};

/** Days that have record files, and records whose number is not above that of the line before. */
function order(folder) {
  const names = readdirSync(folder, { recursive: true }).filter((name) => name.includes('date='));
  const files = names.filter((name) => name.endsWith('.ndjson'));
  let disorder = 0;
  for (const name of files) {
    const lines = readFileSync(join(folder, name), 'utf8').trim().split('\n');
    const numbers = lines.map((line) => JSON.parse(line).seq);
    disorder += numbers.filter((number, index) => index > 0 && number <= numbers[index - 1]).length;
  }
  return { days: new Set(names.map((name) => /date=([\d-]+)/.exec(name)[1])).size, disorder };
}
