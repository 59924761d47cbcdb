// Ten thousand rows in one call: Nestor against the bare runtime and against the Python service's list endpoint.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ARTIFACTS, BenchFault, touchMemory } from './machine.mjs';
import { median } from './report.mjs';
import { turnoverSamples } from './single.mjs';

const ROWS = 10_000;
const CHUNK = 1_024;
const WARM_UP_TURNS = 1;
const TURNS = 5;
/** One after another, as a batch of many files is sent; the first of them comes after a rest. */
const CALLS_A_TURN = 8;
const RAW = fileURLToPath(new URL('raw-run.mjs', import.meta.url));

/** Rows whose every value some natural sample has, drawn column by column; the same ones at every run. */
export function bulkRows(count = ROWS) {
  const natural = turnoverSamples().filter(({ kind }) => kind === 'natural');
  const names = Object.keys(natural[0].input);
  let state = 1;
  const draw = () => (state = (state * 48_271) % 2_147_483_647) % natural.length;
  return Array.from({ length: count }, () =>
    Object.fromEntries(names.map((name) => [name, natural[draw()].input[name]])),
  );
}

/** Each contender takes its turn in every repetition, of some calls; medians after a warm-up, those after a rest apart. */
export async function measureBulk({ nestor, fastapi }, core) {
  const rows = bulkRows();
  const body = JSON.stringify({ instances: rows });
  const raw = await startRaw(core);
  try {
    await raw.ask({ rows, chunk: ROWS });
    const ask = (server, path) => async () => {
      const { status, ms, text } = await server.call('POST', path, body);
      if (status !== 200) throw new BenchFault(`${server.name}: bulk got ${status} ${text.slice(0, 300)}`);
      return { ms, bytes: text.length, answers: text };
    };
    const contenders = {
      'session.run, one run': () => raw.ask({ chunk: ROWS }),
      [`session.run, ${CHUNK} a run`]: () => raw.ask({ chunk: CHUNK }),
      nestor: ask(nestor, '/v1/models/turnover:predict'),
      ...(fastapi && { fastapi: ask(fastapi, '/predict/list') }),
    };
    const times = Object.fromEntries(
      Object.keys(contenders).map((name) => [name, { rested: [], inTurn: [] }]),
    );
    const cpuBefore = {};
    for (let turn = -WARM_UP_TURNS; turn < TURNS; turn++) {
      touchMemory();
      if (turn === 0)
        for (const server of [nestor, fastapi]) if (server) cpuBefore[server.name] = server.cpuSeconds();
      for (const [name, run] of Object.entries(contenders)) {
        for (let call = 0; call < CALLS_A_TURN; call++) {
          const { ms, answers, positive } = await run();
          if (turn < 0) checkPositives(name, positive ?? positives(answers));
          else times[name][call === 0 ? 'rested' : 'inTurn'].push(ms);
        }
      }
    }
    const cpuUs = (server) =>
      ((server.cpuSeconds() - cpuBefore[server.name]) / (TURNS * CALLS_A_TURN * ROWS)) * 1e6;
    return {
      answered: (TURNS + WARM_UP_TURNS) * CALLS_A_TURN * ROWS,
      bodyBytes: body.length,
      figures: figures(times, { nestor: cpuUs(nestor), ...(fastapi && { fastapi: cpuUs(fastapi) }) }),
      memoryMiB: nestor.memory(),
    };
  } finally {
    raw.stop();
  }
}

let expected;

/** All must find the same number of leavers, or they did not do the same work. */
function checkPositives(name, found) {
  expected ??= found;
  if (found !== expected)
    throw new BenchFault(`bulk: ${name} finds ${found} leavers, the bare runtime ${expected}`);
}

function positives(text) {
  const { predictions } = JSON.parse(text);
  if (predictions.length !== ROWS)
    throw new BenchFault(`bulk: ${predictions.length} answers to ${ROWS} rows`);
  return predictions.filter(({ prediction }) => prediction === 1).length;
}

function figures(times, cpuUs) {
  const perSecond = (name) => ROWS / (median(times[name].inTurn) / 1000);
  // Against the faster form of the bare runtime, whichever that is.
  const fastest = Math.max(
    ...Object.keys(times)
      .filter((name) => name.startsWith('session'))
      .map(perSecond),
  );
  return Object.keys(times).map((name) => ({
    name,
    rowsPerSecond: perSecond(name),
    ms: median(times[name].inTurn),
    fastestMs: Math.min(...times[name].inTurn),
    restedMs: median(times[name].rested),
    cpuUsPerRow: cpuUs[name],
    timesRaw: perSecond(name) / fastest,
    timesPython: times.fastapi && perSecond(name) / perSecond('fastapi'),
  }));
}

async function startRaw(core) {
  const folder = join(ARTIFACTS, 'turnover', '1');
  const child = spawn('taskset', ['-c', String(core), process.execPath, RAW, folder], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  await once(child, 'message');
  return {
    async ask(message) {
      const answer = once(child, 'message');
      child.send(message);
      return (await answer)[0];
    },
    stop: () => child.disconnect(),
  };
}
