import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { runBench } from '../support/bench.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FEW = ['--calls', '10', '--stages', 'development'];

/** Compares `dist/` with the build of another checkout. The long form is `npm run bench:equal`. */
const compare = (other: string): ReturnType<typeof runBench> => runBench('equal', '--other', other, ...FEW);

/** Loaded before `dist/main.js`: changes one byte of one reply, of one record and of one counter. */
const ALTERED = `
import fs from 'node:fs';
import { ServerResponse } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';

const once = (from, to) => {
  let isDone = false;
  return (text) => {
    if (isDone || !text.includes(from)) return text;
    isDone = true;
    return text.replace(from, to);
  };
};
const reply = once('"version":"1"', '"version":"7"');
const record = once('"principal":null', '"principal":nuLl');
const counter = (text) => text.replace(/(predictions_total{model="iris",version="1",outcome="error"}) 0/, '$1 1');

const { writeSync } = fs;
fs.writeSync = (fd, bytes, ...rest) =>
  writeSync(fd, Buffer.from(record(Buffer.from(bytes).toString('latin1')), 'latin1'), ...rest);
syncBuiltinESMExports();
const { end } = ServerResponse.prototype;
ServerResponse.prototype.end = function (body, ...rest) {
  if (body == null) return end.call(this, body, ...rest);
  const text = Buffer.from(body).toString('latin1');
  const isPrediction = text.includes('"prediction_id"');
  return end.call(this, Buffer.from(counter(isPrediction ? reply(text) : text), 'latin1'), ...rest);
};
`;

/** A checkout of this build that is not quite the same. */
function alteredCheckout(): string {
  const folder = temporaryFolder();
  const preload = join(folder, 'altered.mjs');
  writeFileSync(preload, ALTERED);
  mkdirSync(join(folder, 'checkout'));
  for (const name of ['dist', 'artifacts']) symlinkSync(join(ROOT, name), join(folder, 'checkout', name));
  const scripts = { start: `exec node --import=${pathToFileURL(preload).href} dist/main.js` };
  writeFileSync(join(folder, 'checkout', 'package.json'), JSON.stringify({ scripts }));
  return join(folder, 'checkout');
}

describe('bench:equal', () => {
  it('finds no difference between this build and itself', async () => {
    const { code, output } = await compare(ROOT);

    expect(output).toMatch(/^230 calls, \d{3,} records, \d{3} transport cases, \d{3} counters compared/m);
    expect(output).toMatch(/^0 differ$/m);
    expect(code).toBe(0);
  }, 180_000);

  it('finds one byte of a reply, of a record and of a counter', async () => {
    const { code, output } = await compare(alteredCheckout());

    expect(output).toMatch(/^4 differ$/m);
    expect(output).toMatch(/^body: 1$/m);
    expect(output).toMatch(/^record \(development, calls, [a-z-]+\): 1$/m);
    expect(output).toMatch(/^counter \(development, calls\): 1$/m);
    expect(output).toMatch(/^counter \(development, transport\): 1$/m);
    expect(code).toBe(1);
  }, 180_000);
});
