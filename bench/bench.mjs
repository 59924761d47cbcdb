// `npm run bench`: what Nestor costs, beside the floor under it and the service it stands in for. See README.md.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { measureBulk } from './bulk.mjs';
import { chooseCores, describeLoad, machineFacts, pinSelf, requireTools, tellFault } from './machine.mjs';
import { measureModel, readyModels } from './models.mjs';
import { HELP, parseOptions, PARTS } from './options.mjs';
import { PYTHON_PEERS, startPythonService } from './peers/python-service.mjs';
import { bulkTable, goalsText, modelTable, singleTable } from './report.mjs';
import { Server, startNestor } from './server.mjs';
import { BODY, checkAnswers, compareRecords, countRecords, measureSingle, summarize } from './single.mjs';

const FLOOR = fileURLToPath(new URL('peers/floor.mjs', import.meta.url));
const RESULTS = fileURLToPath(new URL('results', import.meta.url));

const options = parseOptions();
if (options.help) {
  console.log(HELP);
  process.exit(0);
}

const folder = mkdtempSync(join(tmpdir(), 'nestor-bench-'));
const running = [];
// A server left behind would take its core from the next run.
process.on('exit', () => running.forEach(({ child }) => child.kill('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
try {
  requireTools('taskset', 'wrk');
  const cores = chooseCores();
  const machine = machineFacts();
  console.log(`${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, commit ${machine.commit}`);
  console.log(`server on core ${cores.server}, client on core ${cores.client}`);
  console.log(`${describeLoad(machine.loadBefore)}\n`);
  pinSelf(cores.client);
  const results = options.model ? await benchModels(cores) : await benchService(cores);
  machine.loadAfter = loadavg();
  mkdirSync(RESULTS, { recursive: true });
  const file = join(RESULTS, `${machine.date.replaceAll(/[:.]/g, '-')}.json`);
  writeFileSync(file, `${JSON.stringify({ machine, cores, options, ...results }, null, 2)}\n`);
  console.log(`\nwritten: ${file}`);
} catch (error) {
  tellFault(error);
} finally {
  await Promise.all(running.map((server) => server.stop()));
  rmSync(folder, { recursive: true, force: true });
}

async function benchService(cores) {
  const { only } = options;
  const inBulk = ['fastapi', 'nestor'];
  const needs = (name) => only.includes(name) || (only.includes('bulk') && inBulk.includes(name));
  const servers = {};
  for (const name of PYTHON_PEERS.filter(needs))
    servers[name] = await start(startPythonService(name, cores.server, folder, BODY));
  for (const name of ['floor', 'noise'].filter(needs))
    servers[name] = await start(startFloor(name, cores.server));
  if (needs('nestor')) servers.nestor = await start(startNestor(cores.server, folder));
  if (needs('synced')) {
    const durability = { PREDICTION_LOG_DURABILITY: 'synced' };
    servers.synced = await start(startNestor(cores.server, folder, durability, { name: 'synced' }));
  }
  const { nestor } = servers;
  const results = {};
  let answered = 0;
  let inFlight = 0;
  if (nestor) {
    results.start = { readyMs: nestor.readyMs, memoryMiB: nestor.memory().now };
    console.log(
      `nestor: ready after ${(nestor.readyMs / 1000).toFixed(2)} s, ${nestor.memory().now.toFixed(0)} MiB resident`,
    );
    answered += await checkAnswers(nestor);
  }
  for (const name of PYTHON_PEERS) if (servers[name]) await checkAnswers(servers[name]);
  const contenders = PARTS.filter((name) => only.includes(name) && servers[name]).map(
    (name) => servers[name],
  );
  if (contenders.length > 0) {
    const single = await measureSingle(contenders, options, progress);
    const mine = single.find(({ name }) => name === 'nestor');
    answered += mine?.answered ?? 0;
    inFlight += mine?.inFlight ?? 0;
    results.single = { summary: summarize(single), rounds: single };
    progress('');
    console.log(`\nPOST /predict, medians of ${options.rounds} rounds of ${options.seconds} s`);
    console.log(singleTable(results.single.summary));
  }
  if (servers.synced) {
    const { answered: rows, inFlight: more } = results.single.rounds.find(({ name }) => name === 'synced');
    await settle(servers.synced, rows, more, 'predictions-synced');
  }
  if (only.includes('bulk')) {
    results.bulk = await measureBulk(servers, cores.server);
    answered += results.bulk.answered;
    console.log(`\n${bulkTable(results.bulk.figures)}`);
  }
  if (nestor) {
    results.memoryMiB = nestor.memory();
    const single = results.single?.summary ?? [];
    const served = single.filter(({ name }) => name === 'nestor').map(({ memoryMiB }) => memoryMiB);
    const peak = results.bulk && results.memoryMiB.peak;
    const memory = { ...(served.length > 0 && { single: Math.max(...served) }), ...(peak && { peak }) };
    console.log(`\n${goalsText(single, results.bulk?.figures ?? [], memory)}`);
    results.records = await settle(nestor, answered, inFlight);
  }
  return results;
}

async function benchModels(cores) {
  const nestor = await start(startNestor(cores.server, folder));
  const ready = await readyModels(nestor);
  const names = options.model === 'all' ? ready : options.model.split(',');
  const models = [];
  for (const name of names) {
    progress(name);
    models.push(await measureModel(nestor, name, options, cores.server));
  }
  progress('');
  console.log(
    `POST /models/<name>/predict at 32 connections, medians of ${options.rounds} rounds of ${options.seconds} s`,
  );
  console.log(modelTable(models));
  const sum = (key) => models.reduce((total, each) => total + each[key], 0);
  return { models, records: await settle(nestor, sum('answered'), sum('inFlight')) };
}

async function start(starting) {
  const server = await starting;
  running.push(server);
  return server;
}

/** Ends Nestor and compares its records with the rows that were answered. */
async function settle(server, answered, inFlight, records = 'predictions') {
  const { now, peak } = server.memory();
  await server.stop();
  const counted = compareRecords(countRecords(join(folder, records)), answered, inFlight);
  console.log(
    `\n${server.name}: ${now.toFixed(0)} MiB resident at the end, ${peak.toFixed(0)} at most; ` +
      `${counted.records} records for ${answered} answered rows (up to ${inFlight} more in flight): complete`,
  );
  return counted;
}

function startFloor(name, core) {
  return Server.start(name, {
    command: [process.execPath, FLOOR],
    core,
    folder,
    ready: ['POST', '/', BODY],
  });
}

function progress(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${text}`);
}
