import { setTimeout as after } from 'node:timers/promises';
import { Random } from '../random.mjs';
import { BODY } from '../single.mjs';
import { workBody } from '../slow-models.mjs';
import { failedOf, Load, words } from '../load.mjs';
import { faultsOfRecords } from './records.mjs';
import { broken, ms, recordsOf, served, whenSo } from './served.mjs';

const EVERY_MS = 5_000;
const BACK_MS = 3_000;
const SLOW_CALLERS = 4;

/** One of the processes of a slow model is killed every five seconds, while it and another model are called. */
export const child = {
  what: 'a process of a slow model is killed by SIGKILL every 5 s under load',
  bound:
    'calls in flight alone fail, each 503; all processes back and calls answered in < 3 s; others untouched',
  async run({ folder, minutes, patience }) {
    const server = await served(folder, { slow: ['busy'] });
    const random = new Random(1);
    const [slow, quick, live] = [
      new Load(server.port, { path: '/models/busy/predict', body: workBody(100), callers: SLOW_CALLERS }),
      new Load(server.port, { path: '/predict', body: BODY, callers: 4, pauseMs: 5 }),
      new Load(server.port, { path: '/health/live', pauseMs: 10 }),
    ];
    const before = server.modelProcesses().length;
    const [kills, back] = [[], []];
    for (const end = performance.now() + minutes * 60_000; performance.now() < end;) {
      await after(EVERY_MS);
      const victim = random.pick(server.modelProcesses());
      if (victim === undefined) break;
      const killed = performance.now();
      process.kill(victim, 'SIGKILL');
      kills.push(killed);
      const whole = await whenSo(() => {
        const now = server.modelProcesses();
        return now.length >= before && !now.includes(victim);
      }, patience * BACK_MS);
      const answered = await slow.answeredAfter(killed, patience * BACK_MS);
      back.push(whole && answered && Math.max(whole, answered) - killed);
    }
    await Promise.all([slow, quick, live].map((load) => load.stop()));
    await server.stop();
    const odd = slow.failedApartFrom(kills);
    const others = failedOf([quick, live], patience);
    const late = back.filter((time) => time === undefined || time > patience * BACK_MS).length;
    const told = slow.failed.filter(({ status, code }) => status !== 503 || code !== 'model_process_ended');
    return {
      seen:
        `${kills.length} kills, ${slow.answered.length} answered, failed: ${words(slow.failed)}; ` +
        `back after ${ms(Math.max(...back.map((time) => time ?? Infinity)))} at most; ` +
        `${quick.answered.length} of the other model answered, failed: ${words(others)}`,
      broken: broken(
        kills.length === 0 && 'nothing was killed',
        odd.length > 0 && `failed without having been in flight: ${words(odd)}`,
        told.length > 0 && `not told by model_process_ended: ${words(told)}`,
        others.length > 0 && 'others failed',
        late > 0 && `${late} times not back in time`,
        await faultsOfRecords(recordsOf(folder), [slow, quick], slow.failed.length),
      ),
    };
  },
};
