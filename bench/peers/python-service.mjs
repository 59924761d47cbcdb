// The Python peers: each in a virtual environment of its own, made here when absent or when its pins have changed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

/** The row of the bench's body as the model was trained on it: seven numbers, ten departments, three salaries. */
const TENSOR = [0.38, 0.53, 2, 157, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0];

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
  // One process, no worker processes, no gRPC client, no metrics; it takes tensors, so nothing of a row is checked.
  mlserver: {
    requirements: 'requirements-mlserver.txt',
    command: ['{bin}/mlserver', 'start', '{folder}'],
    env: {
      MLSERVER_HOST: '127.0.0.1',
      MLSERVER_HTTP_PORT: '{port}',
      MLSERVER_GRPC_PORT: '0',
      MLSERVER_PARALLEL_WORKERS: '0',
      MLSERVER_METRICS_ENDPOINT: '',
      MLSERVER_DEBUG: 'false',
    },
    settings: {
      name: 'turnover',
      implementation: 'mlserver_lightgbm.LightGBMModel',
      parameters: { uri: MODEL.MODEL_FILE },
    },
    ready: ['GET', '/v2/health/ready'],
    path: '/v2/models/turnover/infer',
    body: JSON.stringify({
      inputs: [{ name: 'features', shape: [1, TENSOR.length], datatype: 'FP64', data: TENSOR }],
    }),
  },
};

export const PYTHON_PEERS = Object.keys(PEERS);

/** Starts a peer. Its `path` and `body` are what asks it for the row of `body`. */
export async function startPythonService(name, core, folder, body) {
  const peer = PEERS[name];
  const { requirements, command, env = {}, settings, ready = ['POST', '/predict', body] } = peer;
  const bin = prepare(requirements);
  const own = join(folder, name);
  mkdirSync(own);
  if (settings !== undefined) writeFileSync(join(own, 'model-settings.json'), JSON.stringify(settings));
  const words = { '{bin}': bin, '{python}': join(bin, 'python'), '{folder}': own };
  const server = await Server.start(name, {
    command: command.map((word) => word.replace(/\{(bin|python|folder)\}/, (key) => words[key])),
    env: { ...MODEL, ...env },
    core,
    folder,
    ready,
  });
  return Object.assign(server, { path: peer.path ?? server.path, body: peer.body ?? server.body });
}

/** @returns the folder of commands of an environment that has what `requirements` names. */
function prepare(requirements) {
  const [, variant] = /^requirements(.*)\.txt$/.exec(requirements);
  const folder = fileURLToPath(new URL(`../.venv${variant}`, import.meta.url));
  const python = join(folder, 'bin', 'python');
  const pins = join(HERE, requirements);
  const mark = join(folder, 'requirements.sha256');
  const digest = createHash('sha256').update(readFileSync(pins)).digest('hex');
  if (markOf(mark) === digest) return join(folder, 'bin');
  console.log(`making the virtual environment bench/.venv${variant} …`);
  rmSync(folder, { recursive: true, force: true });
  run('python3', ['-m', 'venv', folder]);
  run(python, ['-m', 'pip', 'install', '--quiet', '--no-deps', '--disable-pip-version-check', '-r', pins]);
  writeFileSync(mark, digest);
  return join(folder, 'bin');
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
