// `npm run bench:slow`: a model whose run takes two seconds, called by five, beside turnover and `/health/live`.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { call } from './call.mjs';
import { optionsOf } from './command-line.mjs';
import { Load, words } from './load.mjs';
import { sayMachine, tellFault } from './machine.mjs';
import { quantile, took } from './quantile.mjs';
import { median } from './report.mjs';
import { startNestor } from './server.mjs';
import { BODY } from './single.mjs';
import { putModel, putSlowModel, workBody, workThatTakes } from './slow-models.mjs';

const HELP = `npm run bench:slow -- [--rounds 3] [--seconds 10] [--processes 1] [--inside] [--check]

In each round turnover and /health/live are called without and with five callers of a model whose run takes some two seconds, which runs
in --processes processes of its own. --inside has it run in the server, as it did before: the control. How long the event loop was held is
noted in the server (loop-probe.mjs). --check ends with exit code 1 where a goal is missed: live p99 < 50 ms, the event loop held < 100 ms,
turnover's p99 less than doubled, the slow model's own throughput 0.9 of processes ÷ its run.`;
const GOALS = { liveMs: 50, heldMs: 100, times: 2, throughput: 0.9 };
const SLOW = { path: '/models/busy/predict', callers: 5 };
const RUN_MS = 2_000;
const QUICK = { path: '/predict', body: BODY, callers: 8, pauseMs: 10 };
const LIVE = { path: '/health/live', pauseMs: 5 };

const values = optionsOf(HELP, { rounds: '3', seconds: '10', processes: '1', inside: false, check: false });

const folder = mkdtempSync(join(tmpdir(), 'nestor-slow-'));
const probe = join(folder, 'probe.ndjson');
let server;
try {
  sayMachine();
  const models = join(folder, 'artifacts');
  mkdirSync(models);
  putModel(models, 'turnover');
  putSlowModel(models, 'busy', 'busy', 20);
  writeFileSync(probe, '');
  const url = new URL('loop-probe.mjs', import.meta.url);
  url.searchParams.set('out', probe);
  const where = values.inside
    ? { INFERENCE_BUDGET_MS: '60000' }
    : { INFERENCE_PROCESSES: values.processes, INFERENCE_BUDGET_MS: '5' };
  server = await startNestor(undefined, folder, { ARTIFACTS_DIR: models, ...where }, { probe: url.href });
  process.exitCode = await run();
} catch (error) {
  tellFault(error);
} finally {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function run() {
  await round([QUICK, LIVE], 2);
  SLOW.body = workBody(await workThatTakes(server, 'busy', RUN_MS));
  const runs = [];
  for (let time = 0; time < 3; time++)
    runs.push(await call(server.port, 'POST', SLOW.path, { body: SLOW.body }));
  const runSeconds = median(took(runs)) / 1_000;
  const processes = values.inside ? 1 : Number(values.processes);
  const rounds = [];
  for (let number = 0; number < Number(values.rounds); number++)
    rounds.push({
      without: await round([QUICK, LIVE]),
      beside: await round([QUICK, LIVE, SLOW]),
    });
  const middle = (pick) => median(rounds.map(pick));
  const figures = {
    liveMs: middle(({ beside }) => beside.live.p99),
    heldMs: middle(({ beside }) => beside.held.cpuMs),
    times: middle(({ without, beside }) => beside.quick.p99 / without.quick.p99),
    throughput: middle(({ beside }) => beside.slow.perSecond) / (processes / runSeconds),
  };
  console.log(
    `a run takes ${runSeconds.toFixed(2)} s alone, in ${values.inside ? 'the server' : `${processes} processes`}`,
  );
  for (const [name, pick] of Object.entries({ without: (r) => r.without, beside: (r) => r.beside })) {
    const at = (what, share) => middle((r) => pick(r)[what][share]).toFixed(1);
    console.log(
      `${name}: live p50 ${at('live', 'p50')} p99 ${at('live', 'p99')} ms; turnover p50 ${at('quick', 'p50')} p99 ${at('quick', 'p99')} ms; ` +
        `event loop held ${middle((r) => pick(r).held.cpuMs).toFixed(0)} ms at most by itself, ${middle((r) => pick(r).held.ms).toFixed(0)} with what else the machine did`,
    );
  }
  console.log(
    `turnover's p99 ${figures.times.toFixed(2)} ×; slow model ${middle(({ beside }) => beside.slow.perSecond).toFixed(3)} answers a second, ` +
      `${figures.throughput.toFixed(2)} of processes ÷ run; failed: ${words(rounds.flatMap(({ without, beside }) => [...without.failed, ...beside.failed]))}`,
  );
  const missed = Object.keys(GOALS).filter((goal) =>
    goal === 'throughput' ? figures[goal] < GOALS[goal] : figures[goal] >= GOALS[goal],
  );
  console.log(missed.length === 0 ? 'every goal is reached' : `missed: ${missed.join(', ')}`);
  return values.check && missed.length > 0 ? 1 : 0;
}

/** All of these at once. @returns quantiles of each, how long the event loop was held, and what failed. */
async function round(plans, seconds = Number(values.seconds)) {
  // What held the event loop before is written by then.
  await after(200);
  const from = Date.now();
  const loads = plans.map((plan) => new Load(server.port, plan));
  await after(seconds * 1_000);
  await Promise.all(loads.map((load) => load.stop()));
  const to = Date.now();
  const [quick, live, slow] = loads.map((load) => load.answered);
  const turns = readFileSync(probe, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  const mine = turns.filter(({ at }) => at >= from && at <= to);
  const most = (key) => Math.max(0, ...mine.map((turn) => turn[key]));
  const at = (calls) => ({ p50: quantile(took(calls), 0.5), p99: quantile(took(calls), 0.99) });
  return {
    quick: at(quick),
    live: at(live),
    slow: { perSecond: slow && perSecond(slow) },
    held: { ms: most('ms'), cpuMs: most('cpuMs') },
    failed: loads.flatMap((load) => load.failed),
  };
}

/** Answers a second from the first to the last of them: a run is long beside a round, so what its ends cut off counts. */
function perSecond(calls) {
  const ends = calls.map(({ ended }) => ended).toSorted((a, b) => a - b);
  return ends.length < 2 ? 0 : (ends.length - 1) / ((ends.at(-1) - ends[0]) / 1_000);
}
