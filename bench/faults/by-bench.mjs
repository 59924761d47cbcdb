// Faults that a bench brings about.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { ROOT } from '../machine.mjs';

/** A fault that `bench/<name>.mjs` brings about, ending with 1 where a bound is broken. `parametersOf` gets the options. */
export const byBench = (what, bound, name, parametersOf) => ({
  what,
  bound,
  async run(options) {
    const child = spawn(process.execPath, [join(ROOT, 'bench', `${name}.mjs`), ...parametersOf(options)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += text));
    const [code] = await once(child, 'close');
    const lines = said.trim().split('\n');
    const faults = lines.filter((line) => line.startsWith('FAULT'));
    return {
      seen: lines.filter((line) => !line.startsWith('FAULT')).join('; '),
      broken: code !== 0 && faults.length === 0 ? [`it ended with ${code}`] : faults,
    };
  },
});
