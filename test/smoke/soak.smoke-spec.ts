import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { atEnd } from '../support/clean-up.js';

const BENCH = fileURLToPath(new URL('../../bench/soak.mjs', import.meta.url));

// Whether memory is flat takes a million calls to say: `npm run bench:soak`.
it('calls of all kinds get the replies they should, no descriptor stays, and those of a leak are seen', async () => {
  const child = spawn(process.execPath, [BENCH, '--requests', '20000', '--control', '20000'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  atEnd(() => child.kill());
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (output += text));
  await once(child, 'close');

  const grown = (name: string): number => {
    const [, before, after] = new RegExp(
      `^${name}: 20000 requests .+ 0 wrong replies; .+, ([\\d.]+) to ([\\d.]+) desc`,
      'm',
    ).exec(output) ?? [output];
    return Number(after) - Number(before);
  };
  expect(Math.abs(grown('nestor'))).toBeLessThanOrEqual(2);
  expect(grown('control')).toBeGreaterThan(4);
}, 300_000);
