// What the figures depend on: the tools, the cores, the versions and who else is busy on this machine.
import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, loadavg, release, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
export const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
export const ARTIFACTS = fileURLToPath(new URL('../artifacts', import.meta.url));

/** A load average above this belongs to somebody else's work. */
const QUIET = 0.5;

/** A reason to stop that the reader can mend; printed without a stack. */
export class BenchFault extends Error {}

/** Ends a run that stopped for such a reason with a word on it; throws anything else. */
export function tellFault(error) {
  if (!(error instanceof BenchFault)) throw error;
  console.error(`bench: ${error.message}`);
  process.exitCode = 1;
}

/** @throws BenchFault that says what to install or to do first. */
export function requireTools(...tools) {
  const packages = { taskset: 'util-linux', wrk: 'wrk' };
  const missing = tools.filter((tool) => spawnSync(tool, ['--version']).error !== undefined);
  if (missing.length > 0) {
    const names = missing.map((tool) => packages[tool]).join(' ');
    throw new BenchFault(`${missing.join(' and ')} not found; on Debian or Ubuntu: apt-get install ${names}`);
  }
  if (!existsSync(MAIN)) throw new BenchFault('dist/main.js not found; run: npm run build');
}

/** One core for the server and another for the client, of those this process may use. */
export function chooseCores() {
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))[1];
  const cores = list.split(',').flatMap((part) => {
    const [first, last = first] = part.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
  if (cores.length < 2) throw new BenchFault('two cores are needed: one for the server, one for the client');
  return { server: cores[0], client: cores[1] };
}

const MEBIBYTE = Buffer.alloc(2 ** 20, 1);
const TOUCHED_MEBIBYTES = 256;

/**
 * Has the machine own the memory that files are about to be written through. A virtual machine may give back to its
 * host what nobody uses, and gets it again page by page: 6 MB of records then cost ten times as much as through pages
 * that were used before, as those of a server that has been running for a while are.
 */
export function touchMemory() {
  const folder = mkdtempSync(join(tmpdir(), 'nestor-bench-touch-'));
  for (let written = 0; written < TOUCHED_MEBIBYTES; written++)
    appendFileSync(join(folder, 'pages'), MEBIBYTE);
  rmSync(folder, { recursive: true });
}

/** Moves this process and what it will start onto one core, or onto a list of them. */
export function pinSelf(cores) {
  execFileSync('taskset', ['-acp', String(cores), String(process.pid)], { stdio: 'ignore' });
}

export function machineFacts() {
  const require = createRequire(import.meta.url);
  return {
    date: new Date().toISOString(),
    cpu: cpus()[0].model.trim(),
    cores: cpus().length,
    memoryMiB: Math.round(totalmem() / 2 ** 20),
    kernel: release(),
    loadBefore: loadavg(),
    commit: firstLine('git', 'rev-parse', '--short', 'HEAD'),
    node: process.version,
    onnxruntime: require('onnxruntime-node/package.json').version,
    fastify: require('fastify/package.json').version,
    wrk: firstLine('wrk', '--version'),
    python: firstLine('python3', '--version'),
  };
}

function firstLine(command, ...options) {
  const { error, stdout, stderr } = spawnSync(command, options, { cwd: ROOT, encoding: 'utf8' });
  return error ? undefined : (stdout || stderr).split('\n')[0].trim();
}

/** Prints what a run is of, and how quiet the machine is. */
export function sayMachine() {
  const { cpu, cores, node, commit, loadBefore } = machineFacts();
  console.log(`${cpu}, ${cores} cores, Node ${node}, commit ${commit}`);
  console.log(describeLoad(loadBefore));
}

/** Says how quiet the machine is: the one thing that the figures cannot show by themselves. */
export function describeLoad([minute]) {
  const text = `load average before the run: ${minute.toFixed(2)}`;
  if (minute <= QUIET) return `${text} (quiet)`;
  return `${text}  WARNING: above ${QUIET}, somebody else is using this machine; trust ratios and CPU µs, not requests/s`;
}
