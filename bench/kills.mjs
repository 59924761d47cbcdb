// `npm run bench:kills`: server, runner and trainings are killed at random moments, while trainings are asked for. Then every
// job must have ended once, no job have published twice, the champion be whole, and no process or folder be left.
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ROOT } from './machine.mjs';
import { Postgres } from './postgres.mjs';
import { Random } from './random.mjs';
import { freePort } from './server.mjs';

const HELP = `npm run bench:kills -- [--kills 50] [--postgres] [--away 0] [--seed 1]

Kills server, runner and training so often each by SIGKILL, in turns, at random moments; the state is in SQLite, or in a
PostgreSQL that it starts. With --away the server is then away for so many seconds in the middle of a training,
whose result must arrive. Needs python/.venv. Exit code 1 if a job, a version, a process or a file is not as it should be.`;
const PYTHON = join(ROOT, 'python/.venv/bin/python');
const TRAININGS = fileURLToPath(new URL('kills', import.meta.url));
const ENDED = ['done', 'error', 'cancelled', 'interrupted'];
/** Moments between two kills, in milliseconds: a training takes two to three seconds with all that it imports. */
const [SOONEST, LATEST] = [200, 4_000];
const PATIENCE_MS = 120_000;

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '50' },
    postgres: { type: 'boolean', default: false },
    away: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (values.help || !existsSync(PYTHON)) {
  console.log(values.help ? HELP : `python/.venv is not there; sh python/setup.sh makes it\n\n${HELP}`);
  process.exit(values.help ? 0 : 2);
}

const random = new Random(Number(values.seed));
const folder = mkdtempSync(join(tmpdir(), 'nestor-kills-'));
const temporary = join(folder, 'tmp');
mkdirSync(temporary);
const port = await freePort();
const url = `http://127.0.0.1:${port}`;
const faults = [];
let server;
let runner;
let postgres;
process.on('exit', () => {
  server?.kill('SIGKILL');
  runner?.kill('SIGKILL');
  postgres?.signal('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

if (values.postgres) postgres = await Postgres.start(await freePort());
await beginServer();
beginRunner();
const asked = new Set();
const enough = new AbortController();
const asking = ask();
await until('a first version', async () => (await jobs()).some(({ state }) => state === 'done'));

const kills = Number(values.kills);
const killed = { server: 0, runner: 0, training: 0 };
for (let turn = 0; turn < kills; turn++) {
  for (const kind of random.shuffle(['server', 'runner', 'training'])) {
    await after(random.int(SOONEST, LATEST));
    if (await kill(kind)) killed[kind]++;
  }
  // Else nearly every training would be killed, and hardly a version published.
  const before = await done();
  await until('a training that comes to its end', async () => (await done()) > before);
  if ((turn + 1) % 10 === 0) console.log(`${turn + 1} turns of ${kills}, ${asked.size} trainings asked for`);
}
enough.abort();
await asking;
if (Number(values.away) > 0) await beAway(Number(values.away) * 1_000);
await until('the end of every job', async () => (await jobs()).every(({ state }) => ENDED.includes(state)));
await check();
await stop();
console.log(
  `killed: ${Object.entries(killed)
    .map(([kind, count]) => `${kind} ${count}`)
    .join(', ')}`,
);
for (const fault of faults) console.log(`FAULT  ${fault}`);
console.log(faults.length === 0 ? 'everything is as it should be' : `${faults.length} faults`);
process.exit(faults.length === 0 ? 0 : 1);

async function beginServer() {
  server = spawn(process.execPath, [join(ROOT, 'dist/main.js')], {
    cwd: folder,
    stdio: 'ignore',
    env: {
      PATH: process.env.PATH,
      APP_STAGE: 'test',
      HOST: '127.0.0.1',
      PORT: String(port),
      ARTIFACTS_DIR: join(folder, 'artifacts'),
      STATE_DIR: join(folder, 'state'),
      PREDICTION_LOG_DIR: join(folder, 'predictions'),
      TRAINING_LEASE_SECONDS: '2',
      ...(postgres && { STATE_DATABASE_URL: postgres.url }),
    },
  });
  mkdirSync(join(folder, 'artifacts'), { recursive: true });
  await until('the server', async () => (await fetch(`${url}/health/live`)).ok);
}

function beginRunner() {
  const path = [TRAININGS, join(ROOT, 'python/src')].join(delimiter);
  runner = spawn(PYTHON, ['-m', 'nestor', 'runner', '--server', url, '--module', 'dots_training'], {
    cwd: folder,
    stdio: 'ignore',
    env: { PATH: process.env.PATH, PYTHONPATH: path, TMPDIR: temporary, OMP_NUM_THREADS: '1' },
  });
}

/** Keeps two trainings waiting, each asked for by a key of its own until somebody has answered. */
async function ask() {
  for (let number = 0; !enough.signal.aborted;) {
    await after(100);
    const waiting = (await jobs().catch(() => [])).filter(({ state }) => state === 'queued').length;
    if (waiting >= 2) continue;
    const key = `training-${number}`;
    const body = JSON.stringify({ arguments: { seconds: random.int(0, 15) / 10, seed: number % 7 } });
    const headers = { 'content-type': 'application/json', 'idempotency-key': key };
    const reply = await fetch(`${url}/models/dots/train`, { method: 'POST', headers, body }).catch(
      () => undefined,
    );
    if (reply?.status === 202 || reply?.status === 200) {
      asked.add((await reply.json().catch(() => ({}))).id);
      number++;
    }
  }
  asked.delete(undefined);
}

/** @returns whether there was somebody to kill. */
async function kill(kind) {
  if (kind === 'server') {
    server.kill('SIGKILL');
    await gone(server);
    await beginServer();
    return true;
  }
  const trainings = processesOf(temporary).filter((pid) => pid !== runner.pid);
  if (kind === 'runner') {
    runner.kill('SIGKILL');
    await gone(runner);
    await after(2_000);
    const left = processesOf(temporary).filter((pid) => trainings.includes(pid));
    if (left.length > 0) faults.push(`a training outlives its runner: ${left.join(', ')}`);
    beginRunner();
    return true;
  }
  for (let tries = 0; tries < 100; tries++) {
    const [pid] = processesOf(temporary).filter((each) => each !== runner.pid);
    if (pid !== undefined) {
      process.kill(pid, 'SIGKILL');
      return true;
    }
    await after(100);
  }
  return false;
}

async function beAway(milliseconds) {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ arguments: { seconds: 1.5 } });
  const { id } = await (await fetch(`${url}/models/dots/train`, { method: 'POST', headers, body })).json();
  await until('the training', async () => (await job(id)).stage === 'fit');
  server.kill('SIGKILL');
  await gone(server);
  await after(milliseconds);
  await beginServer();
  await until('its result', async () => ENDED.includes((await job(id)).state));
  const { state, attempt, version } = await job(id);
  if (state !== 'done' || attempt !== 1)
    faults.push(`after the server was away the training is ${state} in attempt ${attempt}`);
  console.log(
    `server away for ${milliseconds / 1_000} s in a training: ${state}, attempt ${attempt}, version ${version}`,
  );
}

async function check() {
  const all = await jobs();
  const ids = all.map(({ id }) => id);
  if (new Set(ids).size !== ids.length) faults.push('a job is listed twice');
  for (const id of asked) if (!ids.includes(id)) faults.push(`job ${id} was accepted and is not there`);
  const published = all.filter(({ version }) => version !== null);
  const versions = published.map(({ version }) => version);
  if (new Set(versions).size !== versions.length) faults.push('two jobs have published one version');
  const root = join(folder, 'artifacts/dots');
  const there = readdirSync(root).filter((name) => /^\d+$/.test(name));
  const strays = there.filter((version) => !versions.includes(version));
  if (strays.length > 0) faults.push(`versions of no job: ${strays.join(', ')}`);
  for (const { id, state, version } of all)
    if (state === 'done' && !there.includes(version)) faults.push(`job ${id} is done without its version`);
  for (const version of there) for (const fault of brokenIn(join(root, version))) faults.push(fault);
  const { aliases } = await (await fetch(`${url}/models/dots`)).json();
  const { champion } = JSON.parse(readFileSync(join(root, 'aliases.json'), 'utf8'));
  if (!there.includes(champion) || aliases.champion !== champion) faults.push(`the champion is ${champion}`);
  const reply = await fetch(`${url}/models/dots/predict`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"x0":1,"x1":0}',
  });
  if (reply.status !== 200) faults.push(`the champion answers ${reply.status}`);
  const { history } = await (await fetch(`${url}/models/dots/history`)).json();
  if (history.find(({ alias }) => alias === 'champion')?.to !== champion)
    faults.push('the history has another champion');
  const counts = Map.groupBy(all, ({ state }) => state);
  console.log(
    `jobs: ${[...counts].map(([state, some]) => `${state} ${some.length}`).join(', ')}; versions ${there.length}; ` +
      `promoted by rule ${history.filter(({ who }) => who === 'rule').length}`,
  );
}

/** Both are told to end; nobody and nothing of them may be left. */
async function stop() {
  runner.kill('SIGTERM');
  server.kill('SIGTERM');
  await Promise.all([gone(runner), gone(server)]);
  await after(500);
  const left = processesOf(folder);
  if (left.length > 0) faults.push(`processes are left: ${left.join(', ')}`);
  const folders = readdirSync(temporary);
  if (folders.length > 0) faults.push(`the runner has left ${folders.join(', ')}`);
  const uploads = join(folder, 'artifacts/.uploads');
  if (existsSync(uploads) && readdirSync(uploads).length > 0) {
    // What the last kill has left goes at the next start.
    await beginServer();
    server.kill('SIGTERM');
    await gone(server);
    if (readdirSync(uploads).length > 0) faults.push(`uploads are left: ${readdirSync(uploads).join(', ')}`);
  }
}

function brokenIn(version) {
  const lines = readFileSync(join(version, 'SHA256SUMS'), 'utf8').split('\n').slice(0, -1);
  return lines.flatMap((line) => {
    const [digest, name] = line.split('  ');
    const found = createHash('sha256')
      .update(readFileSync(join(version, name)))
      .digest('hex');
    return found === digest ? [] : [`${join(version, name)} is damaged`];
  });
}

async function done() {
  return (await jobs()).filter(({ state }) => state === 'done').length;
}

async function jobs() {
  const reply = await fetch(`${url}/jobs`);
  if (!reply.ok) throw new Error(`GET /jobs: ${reply.status}`);
  return (await reply.json()).jobs;
}

async function job(id) {
  return await (await fetch(`${url}/jobs/${id}`)).json();
}

/** Processes that say a text in their command, or have it for their temporary folder. */
function processesOf(text) {
  return execFileSync('ps', ['-eo', 'pid=,args=', '-ww'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(text) && !line.includes('ps -eo'))
    .map((line) => Number(line.trim().split(' ')[0]))
    .filter((pid) => pid !== process.pid);
}

async function gone(child) {
  while (child.exitCode === null && child.signalCode === null) await after(10);
}

async function until(what, isSo) {
  const end = performance.now() + PATIENCE_MS;
  while (performance.now() < end) {
    if (await isSo().catch(() => false)) return;
    await after(50);
  }
  throw new Error(`${what} did not come in ${PATIENCE_MS / 1_000} s`);
}
