// `npm run bench:workers`: a server of two workers beside one of one, on the two cores that the client uses too.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rows } from './admission/bodies.mjs';
import { optionsOf } from './command-line.mjs';
import { chooseCores, pinSelf, requireTools, sayMachine, tellFault } from './machine.mjs';
import { median, table } from './report.mjs';
import { family, readProc, startNestor } from './server.mjs';
import { BODY } from './single.mjs';
import { load } from './wrk.mjs';

const HELP = `npm run bench:workers -- [--rounds 5] [--seconds 4]

WORKERS=1 and WORKERS=2 in turns on two cores, which wrk (one thread, not pinned) shares with them. "cores" is the processor time that each
got; "by CPU" is what the ratio would be if the two cores did nothing else, from the CPU that a request costs server and client. Single rows
cost wrk a third of what they cost the server, so two cores cannot answer 1.6 × as many; calls of 100 rows cost it little. Exit code 1 if
two workers answer less than 1.6 × as many of these.`;
const GOAL = 1.6;
const LOADS = [
  { what: 'a row, 32 connections', path: '/predict', body: BODY, connections: 32 },
  { what: 'a row, 128 connections', path: '/predict', body: BODY, connections: 128 },
  {
    what: '100 rows, 16 connections',
    path: '/v1/models/turnover:predict',
    body: rows(100).toString(),
    connections: 16,
  },
];
const CORES = 2;

const values = optionsOf(HELP, { rounds: '5', seconds: '4' });

const folder = mkdtempSync(join(tmpdir(), 'nestor-workers-'));
const servers = [];
try {
  requireTools('taskset', 'wrk');
  sayMachine();
  const { server, client } = chooseCores();
  const cores = `${server},${client}`;
  pinSelf(cores);
  for (const workers of [1, 2])
    servers.push(
      await startNestor(cores, folder, { WORKERS: String(workers) }, { name: `workers-${workers}` }),
    );
  process.exitCode = await run();
} catch (error) {
  tellFault(error);
} finally {
  for (const server of servers) await server.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function run() {
  // Each of two workers has half of the calls, and takes twice as long until its code is compiled.
  for (const each of LOADS) for (const server of servers) await measured(server, each);
  const found = LOADS.map((each) => ({ ...each, rounds: [] }));
  for (let round = 0; round < Number(values.rounds); round++)
    for (const each of found) {
      const [one, two] = [await measured(servers[0], each), await measured(servers[1], each)];
      each.rounds.push({
        one,
        two,
        ratio: two.perSecond / one.perSecond,
        byCpu: quiet(two, 2) / quiet(one, 1),
      });
    }
  const middle = (pick) => (each) => median(each.rounds.map(pick));
  const fixed = (pick, digits) => (each) => middle(pick)(each).toFixed(digits);
  console.log(
    table(found, {
      load: ({ what }) => what,
      'one /s': fixed(({ one }) => one.perSecond, 0),
      'two /s': fixed(({ two }) => two.perSecond, 0),
      ratio: fixed(({ ratio }) => ratio, 2),
      'by CPU': fixed(({ byCpu }) => byCpu, 2),
      'one µs': fixed(({ one }) => one.cpuUs, 1),
      'two µs': fixed(({ two }) => two.cpuUs, 1),
      'one cores': fixed(({ one }) => one.coreShare, 2),
      'two cores': fixed(({ two }) => two.coreShare, 2),
      'wrk cores (one)': fixed(({ one }) => one.clientShare, 2),
      'wrk cores (two)': fixed(({ two }) => two.clientShare, 2),
      'p99 ms (one)': fixed(({ one }) => one.p99Ms, 1),
      'p99 ms (two)': fixed(({ two }) => two.p99Ms, 1),
    }),
  );
  for (const server of servers) console.log(`${server.name}: ${memoryOf(server)}`);
  const ratio = middle((round) => round.ratio)(found.at(-1));
  const says = `two workers answer ${ratio.toFixed(2)} × as many calls of 100 rows as one (goal ${GOAL})`;
  console.log(ratio >= GOAL ? says : `FAULT  ${says}`);
  return ratio >= GOAL ? 0 : 1;
}

function measured(server, { path, body, connections }, seconds = Number(values.seconds)) {
  return load(server, path, body, connections, seconds);
}

/** Requests a second that two cores have time for if they do nothing else; one worker has no use for more than a core. */
function quiet({ perSecond, cpuUs, clientShare }, workers) {
  const clientUs = (clientShare / perSecond) * 1e6;
  const together = (CORES * 1e6) / (cpuUs + clientUs);
  return workers === 1 ? Math.min(1e6 / cpuUs, together) : together;
}

/** Resident MiB of each of its processes, and what they hold without counting shared pages twice. */
function memoryOf(server) {
  const workers = server.workers();
  const texts = family(server.child.pid).map((pid) => {
    const [, kib = 0] = /^VmRSS:\s+(\d+)/m.exec(readProc(pid, 'status')) ?? [];
    const [, pss = 0] = /^Pss:\s+(\d+)/m.exec(readProc(pid, 'smaps_rollup')) ?? [];
    const name = workers.includes(pid) ? 'worker' : pid === server.child.pid ? 'primary' : 'process';
    return `${name} ${(kib / 1024).toFixed(0)} MiB (${(pss / 1024).toFixed(0)} without what is shared)`;
  });
  return texts.join(', ');
}
