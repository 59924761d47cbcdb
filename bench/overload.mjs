// `npm run bench:overload`: more calls than can be answered, in an open model: they come whatever becomes of those before.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { rows } from './admission/bodies.mjs';
import { call } from './call.mjs';
import { optionsOf } from './command-line.mjs';
import { Load, words } from './load.mjs';
import { BenchFault, chooseCores, pinSelf, requireTools, sayMachine, tellFault } from './machine.mjs';
import { quantile, took } from './quantile.mjs';
import { startNestor } from './server.mjs';
import { putModel, putSlowModel, workBody, workThatTakes } from './slow-models.mjs';

const HELP = `npm run bench:overload -- [--seconds 10] [--deadline 1000] [--only slow,rows] [--processes 1] [--inside] [--check]

slow is a model that costs some 20 ms a call and runs in --processes processes of its own (--inside: in the server, the control), at 1 × and
3 × the peak; rows is calls of 100 rows of turnover at 1 × and 1.5 ×. The peak is what a few callers get who call again at once. Each call
allows --deadline milliseconds; good is what is answered within them. What the server does alone has a core, and the callers have another;
processes of a model need both. --check ends with exit code 1 where above the peak the goodput is below
0.9 of it, the 99th percentile of what was accepted is above the deadline, half of the refusals take 10 ms or more, or one has no Retry-After.`;
const GOOD_SHARE = 0.9;
const REFUSED_MS = 10;
const TICK_MS = 4;
const CALL_MS = 20;
const CASES = {
  slow: { what: 'a 20 ms model', path: '/models/busy/predict', callers: 4, times: [1, 3] },
  rows: {
    what: '100 rows',
    path: '/v1/models/turnover:predict',
    body: rows(100),
    callers: 8,
    times: [1, 1.5],
    isPinned: true,
  },
};

const values = optionsOf(HELP, {
  seconds: '10',
  deadline: '1000',
  only: 'slow,rows',
  processes: '1',
  inside: false,
  check: false,
});
const [seconds, deadline] = [Number(values.seconds), Number(values.deadline)];
const headers = { 'x-request-timeout-ms': String(deadline) };

const folder = mkdtempSync(join(tmpdir(), 'nestor-overload-'));
let server;
try {
  requireTools('taskset');
  const cores = chooseCores();
  sayMachine();
  const models = join(folder, 'artifacts');
  mkdirSync(models);
  putModel(models, 'turnover');
  putSlowModel(models, 'busy', 'busy', 20);
  const where = values.inside
    ? { INFERENCE_BUDGET_MS: '60000' }
    : { INFERENCE_PROCESSES: values.processes, INFERENCE_BUDGET_MS: '5' };
  const missed = [];
  for (const name of values.only.split(',')) {
    const one = CASES[name];
    if (one === undefined)
      throw new BenchFault(`--only: "${name}" is none of ${Object.keys(CASES).join(', ')}`);
    pinSelf(one.isPinned ? cores.client : `${cores.server},${cores.client}`);
    const env = { ARTIFACTS_DIR: models, ...where };
    server = await startNestor(one.isPinned ? cores.server : undefined, folder, env);
    one.body ??= workBody(await workThatTakes(server, 'busy', CALL_MS));
    missed.push(...(await measure(one)));
    await server.stop();
  }
  console.log(missed.length === 0 ? 'every goal is reached' : `missed: ${missed.join('; ')}`);
  if (values.check && missed.length > 0) process.exitCode = 1;
} catch (error) {
  tellFault(error);
} finally {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
}

/** @returns the goals that this case misses above its peak. */
async function measure({ what, path, body, callers, times }) {
  const peakNow = () => closed(path, body, callers, Math.max(3, seconds / 2));
  await closed(path, body, callers, 2);
  const missed = [];
  for (const factor of times) {
    // The machine may have more or less for us while we load it, so the peak is looked for before and after.
    const before = await peakNow();
    const calls = await open(path, body, factor * before);
    const peak = Math.max(before, await peakNow());
    const accepted = calls.filter(({ status }) => status === 200);
    const good = accepted.filter(({ began, ended }) => ended - began <= deadline).length;
    const refused = calls.filter(({ status }) => status === 503);
    const share = good / seconds / peak;
    const p99 = quantile(took(accepted), 0.99);
    const refusal = quantile(took(refused), 0.5);
    const waits = refused.map(({ retryAfter }) => retryAfter);
    console.log(
      `${what}, ${factor} × of ${before.toFixed(1)} calls a second: ${calls.length} sent, goodput ${share.toFixed(2)} of the peak; accepted p50 ${quantile(took(accepted), 0.5).toFixed(0)} ` +
        `p99 ${p99.toFixed(0)} ms; ${refused.length} refused, p50 ${refusal.toFixed(1)} p99 ${quantile(took(refused), 0.99).toFixed(1)} ms, ` +
        `Retry-After ${waits.length === 0 ? '–' : `${Math.min(...waits)} to ${Math.max(...waits)} s`}; not 200: ${words(calls.filter(({ status }) => status !== 200))}`,
    );
    if (factor <= 1) continue;
    const is = `${what} at ${factor} ×`;
    if (share < GOOD_SHARE) missed.push(`${is}: goodput ${share.toFixed(2)}`);
    if (p99 > deadline) missed.push(`${is}: accepted p99 ${p99.toFixed(0)} ms`);
    if (refusal >= REFUSED_MS) missed.push(`${is}: refused after ${refusal.toFixed(1)} ms`);
    if (waits.some((wait) => !(wait >= 1))) missed.push(`${is}: a refusal without Retry-After`);
  }
  return missed;
}

/** Calls a second that callers get answered who call again at once. */
async function closed(path, body, callers, forSeconds) {
  const load = new Load(server.port, { path, body, headers, callers });
  await after(forSeconds * 1_000);
  const { length } = load.answered;
  await load.stop();
  return length / forSeconds;
}

/** So many calls a second. @returns what became of each. */
async function open(path, body, perSecond) {
  const agent = new Agent({ keepAlive: true });
  const calls = [];
  const began = performance.now();
  for (let now = began; now < began + seconds * 1_000; now = performance.now()) {
    while (calls.length < ((now - began) / 1_000) * perSecond)
      calls.push(call(server.port, 'POST', path, { body, headers, agent }));
    await after(TICK_MS);
  }
  const found = await Promise.all(calls);
  agent.destroy();
  return found;
}
