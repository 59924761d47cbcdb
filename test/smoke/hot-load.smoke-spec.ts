import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { atEnd } from '../support/clean-up.js';

const BENCH = fileURLToPath(new URL('../../bench/hot-load.mjs', import.meta.url));

// The figures are `npm run bench:cycles`; here only that nothing fails.
it('six versions are dropped, promoted, rolled back and deleted under load, and no call notices', async () => {
  const child = spawn(process.execPath, [BENCH, '--cycles', '6', '--rate', '300'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  atEnd(() => child.kill());
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (output += text));
  const [code] = (await once(child, 'close')) as [number | null];
  expect(output).toMatch(
    /6 times dropped, promoted, rolled back and deleted .* 0 failed, 0 replies mixed versions/,
  );
  expect(output).toMatch(/: 0 faults, 0 without a record/);
  expect(code).toBe(0);
}, 300_000);
