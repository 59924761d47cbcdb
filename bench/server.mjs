// Starts a server on its core, asks when it is ready, and reads from /proc what it costs.
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { BenchFault, ROOT } from './machine.mjs';

/** USER_HZ of Linux, the unit of /proc/<pid>/stat. */
const TICKS_PER_SECOND = 100;
/** Two hundred models take half of it on a busy machine. */
const START_MS = 60_000;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

export class Server {
  /** What asks it for one row, where that is not what asks Nestor. */
  path = undefined;
  body = undefined;
  /** The key that is shown to it; undefined: none. */
  key = undefined;
  /** Milliseconds from the start of the process to its first good answer. */
  readyMs = 0;

  constructor(name, child, port, logFile) {
    Object.assign(this, { name, child, port, logFile });
    this.url = `http://127.0.0.1:${port}`;
  }

  /**
   * Starts `command`, pinned to `core` if given; `{port}` in it stands for a free port, which PORT holds too.
   * @throws BenchFault with what it said if it stops or does not answer `ready`, a [method, path, body].
   */
  static async start(name, { command, env = {}, core, folder, ready }) {
    const port = await freePort();
    const logFile = join(folder, `${name}.log`);
    const log = openSync(logFile, 'w');
    const started = performance.now();
    const words = command.map((word) => word.replace('{port}', String(port)));
    // The working folder is a temporary one, so that no .env file changes what is measured.
    const [program, ...parameters] = core === undefined ? words : ['taskset', '-c', String(core), ...words];
    const child = spawn(program, parameters, {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...withPort(env, port), PORT: String(port) },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    const server = new Server(name, child, port, logFile);
    await server.waitUntil(ready, started);
    return server;
  }

  async waitUntil(ready, started) {
    for (;;) {
      const reply = await this.call(...ready).catch(() => undefined);
      if (reply !== undefined && reply.status < 500) break;
      if (this.child.exitCode !== null || performance.now() - started > START_MS) {
        await this.stop();
        const said = reply === undefined ? readFileSync(this.logFile, 'utf8').slice(-2000) : reply.text;
        throw new BenchFault(`${this.name} did not become ready: ${said}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    this.readyMs = performance.now() - started;
  }

  /** One request; the reply as text, with the milliseconds until its last byte. */
  call(method, path, body, more = {}) {
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
    const headers = { ...(body !== undefined && { 'content-type': 'application/json' }), ...length, ...more };
    return new Promise((resolve, reject) => {
      const started = performance.now();
      const sent = request(this.url + path, { method, headers, agent }, (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const ms = performance.now() - started;
          resolve({ status: response.statusCode, ms, text: Buffer.concat(chunks).toString() });
        });
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  /** CPU seconds of the process and those it has started. */
  cpuSeconds() {
    return family(this.child.pid).reduce((sum, pid) => sum + cpuSeconds(pid).own, 0);
  }

  /** Resident MiB now and at most, of the process and those it has started. */
  memory() {
    const sum = (field) =>
      family(this.child.pid).reduce((total, pid) => {
        const [, kib = 0] = new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(readProc(pid, 'status')) ?? [];
        return total + Number(kib) / 1024;
      }, 0);
    return { now: sum('VmRSS'), peak: sum('VmHWM') };
  }

  /** The processes that serve, by number: those that the primary has started, or this one alone. */
  workers() {
    const started = family(this.child.pid).filter((pid) => readProc(pid, 'cmdline').includes('--worker='));
    return started.length === 0 ? [this.child.pid] : started;
  }

  /** The processes of models that do not run in the server, by number. */
  modelProcesses() {
    return family(this.child.pid).filter((pid) => readProc(pid, 'cmdline').includes('model-child'));
  }

  async stop() {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(timer);
  }
}

/**
 * Nestor as it runs in production: every check on, every prediction in a file before its reply, metrics on. `root` is a
 * checkout with its dist/, this one unless another is to be compared; `probe` is a module that is loaded before it, and
 * `wrap` may change the command.
 */
export function startNestor(
  core,
  folder,
  env = {},
  { name = 'nestor', root = ROOT, probe, wrap = (command) => command } = {},
) {
  const script = startScript(root);
  const flags = [...script.flags, ...(probe === undefined ? [] : [`--import=${probe}`])];
  return Server.start(name, {
    command: wrap([process.execPath, ...flags, join(root, 'dist', 'main.js')]),
    env: {
      APP_STAGE: 'production',
      HOST: '127.0.0.1',
      AUTH: 'off', // what a key costs is measured by itself
      ARTIFACTS_DIR: join(root, 'artifacts'),
      PREDICTION_LOG_DIR: join(folder, name === 'nestor' ? 'predictions' : `predictions-${name}`),
      PREDICTION_LOG_DURABILITY: 'written',
      STATE_DIR: join(folder, name === 'nestor' ? 'state' : `state-${name}`),
      ...script.env,
      ...env,
    },
    core,
    folder,
    ready: ['GET', '/health/ready'],
  });
}

/** Node's options and the variables in the `start` script of package.json: what is measured is what is run. */
function startScript(root) {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const [, variables = '', flags = ''] = /^(.*)\bexec node (.*)\bdist\/main\.js/.exec(scripts.start) ?? [];
  const words = (text) => text.split(' ').filter(Boolean);
  return { flags: words(flags), env: Object.fromEntries(words(variables).map((word) => word.split('='))) };
}

/** CPU seconds that a process has used itself, and those of its children that have ended. */
export function cpuSeconds(pid) {
  // The name in brackets may hold blanks, so fields are counted from behind it; 14 to 17 in proc(5).
  const fields = readProc(pid, 'stat')
    .replace(/^.*\) /s, '')
    .split(' ')
    .map(Number);
  const [user = 0, system = 0, childUser = 0, childSystem = 0] = fields.slice(11, 15);
  return { own: (user + system) / TICKS_PER_SECOND, ended: (childUser + childSystem) / TICKS_PER_SECOND };
}

const withPort = (env, port) =>
  Object.fromEntries(Object.entries(env).map(([key, value]) => [key, value.replace('{port}', String(port))]));

/** A process and all that it has started, and these in turn, by number. */
export function family(pid) {
  const children = readProc(pid, `task/${pid}/children`).split(' ').filter(Boolean).map(Number);
  return [pid, ...children.flatMap(family)];
}

/** A file of /proc about a process; empty where it has ended. */
export function readProc(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

/** A port of 127.0.0.1 that nobody listens on. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
