import { BODY } from '../single.mjs';
import { workBody } from '../slow-models.mjs';
import { call } from '../call.mjs';
import { failedOf, Load, words } from '../load.mjs';
import { broken, ms, served, whenSo } from './served.mjs';

const TOO_MUCH = workBody(350);
const MODEST = workBody(5);
const PATH = '/models/hungry/predict';
const MOST_CALLS = 12;
/** A refusal that starts nothing. */
const AT_ONCE_MS = 100;
const MENDED_MS = 90_000;

/** Every call of a model ends its process. */
export const poison = {
  what: 'a model that ends its process at every call, beside a slow and a fast model',
  bound: 'unready with the reason after five; then refused at once; the others untouched; mends itself',
  async run({ folder, patience }) {
    const server = await served(folder, { slow: ['busy', 'hungry'] });
    const loads = [
      new Load(server.port, { path: '/models/busy/predict', body: workBody(50), callers: 2 }),
      new Load(server.port, { path: '/predict', body: BODY, callers: 4, pauseMs: 5 }),
      new Load(server.port, { path: '/health/live', pauseMs: 10 }),
    ];
    const readiness = async () => await call(server.port, 'GET', '/models/hungry/ready');
    const calls = [];
    let unready;
    while (unready === undefined && calls.length < MOST_CALLS) {
      calls.push(await call(server.port, 'POST', PATH, { body: TOO_MUCH }));
      const { status, text } = await readiness();
      if (status === 503) unready = text;
    }
    const atOnce = await call(server.port, 'POST', PATH, { body: MODEST });
    const server503 = await call(server.port, 'GET', '/health/ready');
    const began = performance.now();
    const mended = await whenSo(
      async () => (await call(server.port, 'POST', PATH, { body: MODEST })).status === 200,
      MENDED_MS,
    );
    await Promise.all(loads.map((load) => load.stop()));
    await server.stop();
    const others = failedOf(loads, patience);
    const wrong = calls.filter(({ status, code }) => status !== 503 || code !== 'model_process_ended');
    const refusal = atOnce.ended - atOnce.began;
    return {
      seen:
        `${calls.length} calls: ${words(calls)}; ${unready === undefined ? 'still ready' : 'then unready'}; next refused after ${ms(refusal)} ` +
        `(${words([atOnce])}); /health/ready ${server503.status}; answers again after ${ms(mended && mended - began)}; ` +
        `${loads.flatMap(({ answered }) => answered).length} others answered, failed: ${words(others)}`,
      broken: broken(
        unready === undefined && 'it is never unready',
        wrong.length > 0 && `not 503 model_process_ended: ${words(wrong)}`,
        atOnce.status !== 503 && 'an unready model is called',
        refusal > patience * AT_ONCE_MS && 'the refusal takes its time',
        mended === undefined && 'it never answers again',
        others.length > 0 && 'others failed',
      ),
    };
  },
};
