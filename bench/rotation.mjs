// `npm run bench:rotation`: whether keys are replaced without a failed call, and refused within 5 s of their revocation.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { promisify } from 'node:util';
import { optionsOf } from './command-line.mjs';
import { askWithKey, writeKeys } from './keys.mjs';
import { BenchFault, ROOT, sayMachine, tellFault } from './machine.mjs';
import { startNestor } from './server.mjs';
import { BODY } from './single.mjs';

const HELP = `npm run bench:rotation -- [--rounds 6] [--callers 8]

So many callers ask without a pause. In each round a key is made by \`nestor key create\`, after 5 s the callers go over to it, and
the one before is revoked by \`nestor key revoke\`. Exit code 1 if a call of theirs fails, if a revoked key is still taken after 5 s, or if
the application log holds a key.`;
const TAKEN_MS = 5_000;

const values = optionsOf(HELP, { rounds: '6', callers: '8' });
const agent = new Agent({ keepAlive: true });
const folder = mkdtempSync(join(tmpdir(), 'nestor-rotation-'));
let server;
const ask = async (key) => (await askWithKey(key, `${server.url}/predict`, BODY, agent)).status;

try {
  sayMachine();
  const { env, keys } = writeKeys(folder, [{}]);
  server = await startNestor(undefined, folder, { ...env, LOG_DIR: folder, LOG_LEVEL: 'http' });
  await rotate(keys[0], env.API_KEYS_FILE);
} catch (error) {
  tellFault(error);
} finally {
  agent.destroy();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function rotate(first, file) {
  let key = first;
  let calls = 0;
  const end = new AbortController();
  const failed = [];
  const callers = Array.from({ length: Number(values.callers) }, async () => {
    while (!end.signal.aborted) {
      const status = await ask(key);
      calls++;
      if (status !== 200) failed.push(status);
    }
  });
  const seconds = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    const next = (
      await nestor('key', 'create', '--name', 'bench', '--scopes', 'predict', '--file', file)
    ).trim();
    await after(TAKEN_MS);
    const before = key;
    key = next;
    // What is under way with the one before ends.
    await after(500);
    await nestor('key', 'revoke', before.split('_')[1], '--file', file);
    seconds.push(await untilRefused(before));
  }
  end.abort();
  await Promise.all(callers);
  const shown = seconds.map((each) => each.toFixed(2)).join(', ');
  console.log(`${values.rounds} rotations under load: ${calls} calls, ${failed.length} failed`);
  console.log(`a revoked key was refused after ${shown} s`);
  if (failed.length > 0) throw new BenchFault(`calls failed: ${[...new Set(failed)].join(', ')}`);
  if (readFileSync(join(folder, 'nestor.log'), 'utf8').includes('nst_'))
    throw new BenchFault('the log holds a key');
}

async function untilRefused(key) {
  const began = performance.now();
  while ((await ask(key)) !== 401) {
    if (performance.now() - began > TAKEN_MS) throw new BenchFault('a revoked key is still taken after 5 s');
    await after(20);
  }
  return (performance.now() - began) / 1_000;
}

async function nestor(...args) {
  const run = promisify(execFile);
  return (await run(process.execPath, [join(ROOT, 'bin', 'nestor.js'), ...args])).stdout;
}
