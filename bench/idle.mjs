// `npm run bench:idle -- [--models 200] [--refused 0]`: what it costs a server that nobody calls to follow so many models,
// some of which have a version that is refused. CPU of the process over ten seconds, three times.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { copyIris } from './iris-copies.mjs';
import { describeLoad, machineFacts } from './machine.mjs';
import { startNestor } from './server.mjs';

const SECONDS = 10;

const { values } = parseArgs({
  options: {
    models: { type: 'string', default: '200' },
    refused: { type: 'string', default: '0' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(`npm run bench:idle -- [options]

  --models <n>   models that a server follows while nobody calls it (default 200)
  --refused <n>  so many of them have a second version, which is refused (default 0)
  --help         this text`);
  process.exit(0);
}
const folder = mkdtempSync(join(tmpdir(), 'nestor-idle-'));
const models = join(folder, 'models');
let nestor;
process.on('exit', () => {
  nestor?.child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

console.log(describeLoad(machineFacts().loadBefore));
for (let number = 1; number <= Number(values.models); number++) {
  const version = copyIris(models, `iris-${number}`);
  // Its manifest is that of version 1.
  if (number <= Number(values.refused)) cpSync(version, join(version, '..', '2'), { recursive: true });
}
nestor = await startNestor(undefined, folder, { ARTIFACTS_DIR: models });
await after(5_000);
for (let round = 1; round <= 3; round++) {
  const before = nestor.cpuSeconds();
  await after(SECONDS * 1000);
  const share = (nestor.cpuSeconds() - before) / SECONDS;
  console.log(`${values.models} models, ${values.refused} refused: ${(share * 100).toFixed(1)} % of a core`);
}
await nestor.stop();
