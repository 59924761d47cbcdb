import { BODY } from '../single.mjs';
import { workBody } from '../slow-models.mjs';
import { call } from '../call.mjs';
import { failedOf, Load, words } from '../load.mjs';
import { broken, ms, served, whenSo } from './served.mjs';

const DEADLINE_MS = 500;
const LATE_MS = 100;
const GONE_MS = 1_000;
const NEXT_MS = 3_000;
const PATH = '/models/busy/predict';
/** Twenty seconds. */
const TOO_LONG = workBody(20_000);

/** A run takes longer than its caller allows. */
export const deadline = {
  what: `a run of 20 s whose caller allows ${DEADLINE_MS} ms, under load`,
  bound: `504 within + ${LATE_MS} ms, its process gone within 1 s, the next call answered, nobody else fails`,
  async run({ folder, rounds, patience }) {
    const server = await served(folder, { slow: ['busy'] });
    const loads = [
      new Load(server.port, { path: '/predict', body: BODY, callers: 2, pauseMs: 10 }),
      new Load(server.port, { path: '/health/live', pauseMs: 10 }),
    ];
    const headers = { 'x-request-timeout-ms': String(DEADLINE_MS) };
    const [replies, gone, next] = [[], [], []];
    for (let round = 0; round < rounds; round++) {
      const before = server.modelProcesses();
      const reply = await call(server.port, 'POST', PATH, { body: TOO_LONG, headers });
      replies.push(reply);
      const isOneGone = () => before.some((pid) => !server.modelProcesses().includes(pid));
      const ended = await whenSo(isOneGone, patience * GONE_MS);
      gone.push(ended && Math.max(0, ended - reply.ended));
      next.push(await call(server.port, 'POST', PATH, { body: workBody(20) }));
    }
    await Promise.all(loads.map((load) => load.stop()));
    await server.stop();
    const late = Math.max(...replies.map(({ began, ended }) => ended - began - DEADLINE_MS));
    const wrong = replies.filter(({ status, code }) => status !== 504 || code !== 'deadline_exceeded');
    const slowest = Math.max(...next.map(({ began, ended }) => ended - began));
    const others = failedOf(loads, patience);
    return {
      seen:
        `${replies.length} such calls: ${words(replies)}, ${ms(late)} after the deadline at most; process gone ` +
        `${ms(Math.max(...gone.map((time) => time ?? Infinity)))} later at most; next call after ${ms(slowest)}; others failed: ${words(others)}`,
      broken: broken(
        wrong.length > 0 && `not 504 deadline_exceeded: ${words(wrong)}`,
        late > patience * LATE_MS && 'told late',
        gone.includes(undefined) && 'its process goes on',
        next.some(({ status }) => status !== 200) && `the next call got ${words(next)}`,
        slowest > patience * NEXT_MS && 'the next call waited too long',
        others.length > 0 && 'others failed',
      ),
    };
  },
};
