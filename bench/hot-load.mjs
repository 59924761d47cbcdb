// `npm run bench:cycles`: a version is dropped, promoted, rolled back and deleted, again and again, under load. It stands
// beside the benches because it says figures and needs an hour; test/smoke/hot-load.smoke-spec.ts runs six.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { optionsOf } from './command-line.mjs';
import { ARTIFACTS, BenchFault, sayMachine, tellFault } from './machine.mjs';
import { median } from './report.mjs';
import { RecordJoin } from './record-join.mjs';
import { startNestor } from './server.mjs';
import { reseal, sha256 } from './version-copy.mjs';

const HELP = `npm run bench:cycles -- [--cycles 1000] [--together 8] [--rate 2000] [--model turnover]

Each cycle drops a version with bytes of its own into the folder of a running server and waits until the server has it
(--together so many at a time), then promotes it, rolls it back and deletes it over HTTP. Meanwhile another process asks
--rate single rows a second and five batches of 300 rows. Exit code 1 if a call failed, a reply mixed two versions, or a
record names another one.`;
const BATCH = { batchRows: 300, batchRate: 5 };
const FOLLOWED_MS = 60_000;
const PATIENCE_MS = 20;
/** So often the records are compared with the answers, and deleted. */
const COMPARE_EVERY = 10;

const values = optionsOf(HELP, { cycles: '1000', together: '8', rate: '2000', model: 'turnover' });
const [cycles, together, rate] = [values.cycles, values.together, values.rate].map(Number);
const { model } = values;

const folder = mkdtempSync(join(tmpdir(), 'nestor-cycles-'));
const models = join(folder, 'models');
const versions = join(models, model);
const digests = new Map();
const samples = [];
/** What the bench was doing, to say what a held event loop was about. */
const spans = [];
const stateOf = ({ versions: all }, version) => all.find((each) => each.version === version)?.state;
const settled = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
let nestor;
let client;
process.on('exit', () => {
  nestor?.child.kill('SIGKILL');
  client?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

try {
  sayMachine();
  await run();
} catch (error) {
  tellFault(error);
} finally {
  client?.kill('SIGKILL');
  await nestor?.stop();
}

async function run() {
  cpSync(join(ARTIFACTS, model), versions, { recursive: true });
  digests.set(sha256(readFileSync(join(versions, '1', 'model.onnx'))), '1');
  const probe = join(folder, 'probe.ndjson');
  writeFileSync(probe, '');
  const url = new URL('loop-probe.mjs', import.meta.url);
  url.searchParams.set('out', probe);
  nestor = await startNestor(undefined, folder, { ARTIFACTS_DIR: models }, { probe: url.href });
  const records = new RecordJoin(join(folder, 'predictions'), digests);
  startClient();
  await settled(2_000);
  const started = performance.now();
  let told;
  for (let cycle = 0; cycle < cycles;) {
    const numbers = Array.from({ length: Math.min(together, cycles - cycle) }, (_, at) =>
      String(cycle + at + 2),
    );
    await span('load', async () => {
      for (const number of numbers) drop(number);
      await followed(numbers);
    });
    for (const number of numbers) {
      const reason = `cycle ${++cycle}`;
      await span('promote', () => ask('PUT', '/aliases/champion', { version: number, reason }));
      await span('rollback', () => ask('POST', '/rollback', { reason }));
      await span('delete', () => ask('DELETE', `/versions/${number}`));
      samples.push(await sample());
      if (cycle % COMPARE_EVERY !== 0 && cycle !== cycles) continue;
      told = await turn();
      records.addAnswers(told.file);
      records.addRecords();
      progress(cycle, told, records, (performance.now() - started) / cycle / 1000);
    }
  }
  told = await turn('stop');
  await nestor.stop();
  records.addAnswers(told.file);
  records.addRecords();
  report(told, records, probe);
}

function startClient() {
  const { input } = JSON.parse(readFileSync(join(versions, '1', 'samples.json'), 'utf8')).samples[0];
  const plan = { port: nestor.port, path: `/models/${model}/predict`, row: input, rate, ...BATCH };
  const whole = { ...plan, batchPath: `/v1/models/${model}:predict`, folder };
  client = fork(fileURLToPath(new URL('open-load.mjs', import.meta.url)), [JSON.stringify(whole)]);
}

/** Has the client begin a new file of answers, and tell what there was until then. */
async function turn(order = 'turn') {
  client.send(order);
  const [told] = await once(client, 'message');
  return told;
}

/** A version that differs from every other by a text in its graph that says nothing to the runtime. */
function drop(number) {
  const made = join(folder, 'made');
  cpSync(join(versions, '1'), made, { recursive: true });
  const note = Buffer.from(`version ${number}`);
  // Field 6 of a ModelProto is its doc_string; where a field stands twice, the last one counts.
  const bytes = Buffer.concat([readFileSync(join(made, 'model.onnx')), Buffer.of(0x32, note.length), note]);
  writeFileSync(join(made, 'model.onnx'), bytes);
  digests.set(sha256(bytes), number);
  reseal(made, { version: number });
  renameSync(made, join(versions, number));
}

/** Waits until the server has seen each of the versions: those that it keeps loaded are ready. */
async function followed(numbers) {
  const started = performance.now();
  for (;;) {
    const state = JSON.parse((await nestor.call('GET', `/models/${model}`)).text);
    const found = numbers.map((number) => stateOf(state, number));
    if (found.at(-1) === 'ready' && found.every((each) => each === 'ready' || each === 'available')) return;
    if (performance.now() - started > FOLLOWED_MS)
      throw new BenchFault(
        `${numbers.join(', ')} not followed within ${FOLLOWED_MS / 1000} s: ${found.join(', ')}`,
      );
    await settled(PATIENCE_MS);
  }
}

async function ask(method, path, body) {
  const sent = body && JSON.stringify(body);
  const { status, text } = await nestor.call(method, `/models/${model}${path}`, sent, { 'if-match': '*' });
  if (status < 200 || status > 299)
    throw new BenchFault(`${method} ${path}: ${status} ${text.slice(0, 500)}`);
}

/** Does something, and keeps when it was. */
async function span(name, act) {
  const [from, started] = [Date.now(), performance.now()];
  await act();
  spans.push({ name, from, to: Date.now(), ms: performance.now() - started });
}

async function sample() {
  const { text } = await nestor.call('GET', '/metrics');
  const series = text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
  const descriptors = readdirSync(`/proc/${nestor.child.pid}/fd`).length;
  return { memoryMiB: nestor.memory().now, series, descriptors };
}

function progress(cycle, { totals, ms, seconds }, { compared, faults }, each) {
  console.log(
    `cycle ${cycle}: ${each.toFixed(1)} s each; ${totals.answered} answered (${(totals.answered / seconds).toFixed(0)}/s), ` +
      `${totals.failures} failed, ${totals.mixed} mixed; ${compared} rows compared, ${faults.length} faults; ` +
      `p50 ${ms.p50.toFixed(1)} p99 ${ms.p99.toFixed(1)} max ${ms.max.toFixed(0)} ms; ${samples.at(-1).memoryMiB.toFixed(0)} MiB`,
  );
}

function report({ totals, failures, seconds }, { compared, faults, answered, recorded }, probe) {
  const halves = [samples.slice(0, samples.length >> 1), samples.slice(samples.length >> 1)];
  console.log(
    `\n${cycles} times dropped, promoted, rolled back and deleted in ${(seconds / 60).toFixed(0)} minutes, ` +
      `${totals.asked} calls asked (${(totals.asked / seconds).toFixed(0)}/s), ${totals.answered} answered, ` +
      `${totals.failures} failed, ${totals.mixed} replies mixed versions; by version ${JSON.stringify(totals.versions)}`,
  );
  console.log(
    `${compared} of ${totals.rows} answered rows compared with their records: ${faults.length} faults, ` +
      `${answered.size} without a record, ${recorded.size} records without an answer`,
  );
  for (const key of ['memoryMiB', 'series', 'descriptors']) {
    const [first, last] = halves.map((half) =>
      half.length === 0 ? NaN : median(half.map((each) => each[key])),
    );
    console.log(
      `${key}: ${first.toFixed(1)} in the first half, ${last.toFixed(1)} in the last (medians), × ${(last / first).toFixed(3)}`,
    );
  }
  const held = readFileSync(probe, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  for (const name of ['load', 'promote', 'rollback', 'delete']) {
    const mine = spans.filter((span) => span.name === name);
    const turns = held.filter(({ at }) => mine.some(({ from, to }) => at >= from && at <= to));
    const most = (key) => Math.max(0, ...turns.map((each) => each[key])).toFixed(0);
    const over = turns.filter(({ cpuMs }) => cpuMs > 50).length;
    console.log(
      `${name}: done after ${median(mine.map(({ ms }) => ms)).toFixed(0)} ms (median), ` +
        `${Math.max(...mine.map(({ ms }) => ms)).toFixed(0)} at most; event loop held ${most('cpuMs')} ms at most by itself ` +
        `(${over} times more than 50), ${most('ms')} ms with what else the machine did`,
    );
  }
  for (const line of [...failures, ...faults.slice(0, 20)]) console.log(line);
  const isWhole = totals.failures + totals.mixed + faults.length + answered.size === 0;
  if (!isWhole || compared !== totals.rows) process.exitCode = 1;
}
