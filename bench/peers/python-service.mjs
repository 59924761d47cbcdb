// The Python peers: each in a virtual environment of its own, made here when absent or when its pins have changed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ARTIFACTS, BenchFault } from '../machine.mjs';
import { Server } from '../server.mjs';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const MODEL = { MODEL_FILE: join(ARTIFACTS, 'turnover', '1', 'estimator.txt'), OMP_NUM_THREADS: '1' };
const MOSEC = [
  '{python}',
  join(HERE, 'mosec_service.py'),
  '--address',
  '127.0.0.1',
  '--port',
  '{port}',
  '--log-level',
  'error',
];

/** By the name of the peer: its pins, its command and when it is ready. */
const PEERS = {
  fastapi: {
    requirements: 'requirements.txt',
    command: [
      '{python}',
      '-m',
      'uvicorn',
      'service:app',
      '--app-dir',
      HERE,
      '--port',
      '{port}',
      '--no-access-log',
      '--log-level',
      'warning',
    ],
    ready: ['GET', '/ready'],
  },
  'mosec-32': { requirements: 'requirements-mosec.txt', command: MOSEC, env: { MAX_BATCH_SIZE: '32' } },
  'mosec-1': { requirements: 'requirements-mosec.txt', command: MOSEC, env: { MAX_BATCH_SIZE: '1' } },
};

export const PYTHON_PEERS = Object.keys(PEERS);

export function startPythonService(name, core, folder, body) {
  const { requirements, command, env = {}, ready = ['POST', '/predict', body] } = PEERS[name];
  const python = prepare(requirements);
  return Server.start(name, {
    command: command.map((word) => word.replace('{python}', python)),
    env: { ...MODEL, ...env },
    core,
    folder,
    ready,
  });
}

/** @returns the python of an environment that has what `requirements` names. */
function prepare(requirements) {
  const [, variant] = /^requirements(.*)\.txt$/.exec(requirements);
  const folder = fileURLToPath(new URL(`../.venv${variant}`, import.meta.url));
  const python = join(folder, 'bin', 'python');
  const pins = join(HERE, requirements);
  const mark = join(folder, 'requirements.sha256');
  const digest = createHash('sha256').update(readFileSync(pins)).digest('hex');
  if (markOf(mark) === digest) return python;
  console.log(`making the virtual environment bench/.venv${variant} …`);
  rmSync(folder, { recursive: true, force: true });
  run('python3', ['-m', 'venv', folder]);
  run(python, ['-m', 'pip', 'install', '--quiet', '--no-deps', '--disable-pip-version-check', '-r', pins]);
  writeFileSync(mark, digest);
  return python;
}

function markOf(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function run(command, options) {
  const { error, status, stderr } = spawnSync(command, options, { encoding: 'utf8' });
  if (error === undefined && status === 0) return;
  const reason = (error?.message ?? stderr).trim().split('\n').slice(-5).join('\n');
  throw new BenchFault(
    `a Python peer could not be set up (python3 ≥ 3.11 with venv is needed): ${reason}\nwithout them: npm run bench -- --only floor,nestor`,
  );
}
