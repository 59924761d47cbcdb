// The Python peer: its own virtual environment, made here when absent or when the pins have changed, and its start.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ARTIFACTS, BenchFault } from '../machine.mjs';
import { Server } from '../server.mjs';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const VENV = fileURLToPath(new URL('../.venv', import.meta.url));
const REQUIREMENTS = join(HERE, 'requirements.txt');
const MARK = join(VENV, 'requirements.sha256');

export function startPythonService(core, folder) {
  prepare();
  const uvicorn = ['-m', 'uvicorn', 'service:app', '--app-dir', HERE, '--port', '{port}'];
  return Server.start('fastapi', {
    command: [join(VENV, 'bin', 'python'), ...uvicorn, '--no-access-log', '--log-level', 'warning'],
    env: { MODEL_FILE: join(ARTIFACTS, 'turnover', '1', 'estimator.txt'), OMP_NUM_THREADS: '1' },
    core,
    folder,
    ready: ['GET', '/ready'],
  });
}

function prepare() {
  const digest = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex');
  if (markOf(MARK) === digest) return;
  console.log('making the virtual environment of the Python peer in bench/.venv …');
  rmSync(VENV, { recursive: true, force: true });
  run('python3', ['-m', 'venv', VENV]);
  run(join(VENV, 'bin', 'python'), [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--no-deps',
    '--disable-pip-version-check',
    '-r',
    REQUIREMENTS,
  ]);
  writeFileSync(MARK, digest);
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
    `the Python peer could not be set up (python3 ≥ 3.11 with venv is needed): ${reason}\nwithout it: npm run bench -- --only floor,nestor`,
  );
}
