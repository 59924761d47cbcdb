// The kinds of calls of a soak: what clients of all five models send, what they get wrong, and what strangers try.
import { readyModels } from '../models.mjs';
import { rows } from '../admission/bodies.mjs';
import { workBody } from '../slow-models.mjs';

/** How often a kind comes among a thousand calls, and which statuses it may get. */
const call = (often, method, path, body, expected, more = {}) => ({
  often,
  method,
  path,
  body,
  expected: [expected].flat(),
  ...more,
});

const SLOW = 'busy';

/** @returns the calls, one entry for each kind; none of the slow model. */
export async function callsOf(nestor) {
  const names = (await readyModels(nestor)).filter((name) => name !== SLOW);
  const typed = await Promise.all(names.map((name) => typedCall(nestor, name)));
  const [example] = typed.filter(({ path }) => path === '/models/turnover/predict');
  return [
    ...typed,
    call(500, 'POST', '/predict', example.body, 200),
    call(50, 'POST', '/predict', example.body, 200, { isLast: true }),
    call(20, 'POST', '/v1/models/turnover:predict', rows(100), 200),
    call(1, 'POST', '/v1/models/turnover:predict', rows(2_000), [200, 503]),
    call(30, 'GET', '/?query=that%20movie%20was%20boring', undefined, 200),
    call(40, 'POST', '/predict', Buffer.from('{"satisfaction_level":"much"}'), 400),
    call(20, 'POST', '/predict', Buffer.from('{"satisfaction_level":'), 400),
    call(20, 'POST', '/models/nobody/predict', example.body, 404),
    call(10, 'GET', `/nowhere/${'x'.repeat(64)}`, undefined, 404),
    call(10, 'DELETE', '/predict', undefined, 405),
    call(10, 'POST', '/predict', example.body, 0, { isAborted: true }),
    call(10, 'GET', '/health/ready', undefined, 200),
    call(5, 'GET', '/models', undefined, 200),
    call(2, 'GET', '/metrics', undefined, 200),
  ];
}

/** Calls of a slow model, some of which run past what their callers allow; more may wait for it than it can answer. */
export function slowCalls() {
  const path = `/models/${SLOW}/predict`;
  return [
    call(1, 'POST', path, workBody(30), [200, 503]),
    call(0.1, 'POST', path, workBody(1_000), [503, 504], { more: { 'x-request-timeout-ms': '200' } }),
    call(0.2, 'POST', path, workBody(100), 0, { isAborted: true }),
  ];
}

async function typedCall(nestor, name) {
  const { inputs } = JSON.parse((await nestor.call('GET', `/models/${name}`)).text);
  const row = Object.fromEntries(inputs.map((input) => [input.name, input.example]));
  return call(20, 'POST', `/models/${name}/predict`, Buffer.from(JSON.stringify(row)), 200);
}
