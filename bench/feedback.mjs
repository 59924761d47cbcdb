// `npm run bench:feedback -- [--records 10000000]`: how long a call of 10,000 labels takes, of predictions anywhere among so many on disk.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { optionsOf } from './command-line.mjs';
import { A_FILE, FIRST, idOf, writeRecords } from './many-records.mjs';
import { sayMachine } from './machine.mjs';
import { startNestor } from './server.mjs';

const HELP = `npm run bench:feedback -- [--records 10000000] [--labels 10000]

Writes so many records of 640 bytes into a temporary folder (6.4 GB for ten million, see TMPDIR), starts a server on it, and sends
so many labels in one call: of predictions spread over all of them, then the same again, then ids that no record has. Meanwhile
one caller predicts a row every 10 ms. Exit code 1 if the first call takes 5 s or more, or is not accepted whole.`;
const MOST_SECONDS = 5;
const ROW = JSON.stringify({ sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 });

const values = optionsOf(HELP, { records: '10000000', labels: '10000' });
const [records, labels] = [Number(values.records), Number(values.labels)];
if (!Number.isInteger(records) || records < A_FILE || !(labels >= 1 && labels <= 10_000)) {
  console.error(
    `--records must be a whole number of at least ${A_FILE}, --labels one of 1 to 10,000\n\n${HELP}`,
  );
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'nestor-feedback-'));
let nestor;
process.on('exit', () => {
  nestor?.child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

sayMachine();
writeRecords(join(folder, 'predictions'), records);
nestor = await startNestor(undefined, folder);
const ids = Array.from({ length: labels }, (_, label) =>
  idOf(Math.floor(((label + 0.5) / labels) * records)),
);
const first = await give(`${labels} labels of ${records} predictions`, ids);
await give('the same again', ids);
await give(
  'ids of no record',
  ids.map((_, n) => idOf(n, FIRST + n)),
);
await nestor.stop();
const isReached = first.seconds < MOST_SECONDS && first.accepted === labels;
process.exitCode = isReached ? 0 : 1;
console.log(`${isReached ? 'reached' : 'MISSED'}: all accepted in less than ${MOST_SECONDS} s`);

async function give(what, some) {
  const body = JSON.stringify({ feedback: some.map((id, n) => ({ prediction_id: id, value: n % 3 })) });
  let isOver = false;
  const waits = predictUntil(() => isOver);
  const { status, ms, text } = await nestor.call('POST', '/feedback', body);
  isOver = true;
  const slowest = await waits;
  if (status !== 200) throw new Error(`${status}: ${text.slice(0, 500)}`);
  const { accepted, replaced, unchanged, rejected } = JSON.parse(text);
  console.log(
    `${what}: ${(ms / 1_000).toFixed(2)} s, ${accepted} accepted, ${replaced} replaced, ${unchanged} unchanged, ` +
      `${rejected.length} rejected; the slowest of the predictions meanwhile ${slowest.toFixed(0)} ms; server ${nestor.memory().now.toFixed(0)} MiB`,
  );
  return { seconds: ms / 1_000, accepted };
}

/** Milliseconds of the slowest of predictions one after another. */
async function predictUntil(isOver) {
  let slowest = 0;
  while (!isOver()) {
    const started = performance.now();
    const reply = await fetch(`${nestor.url}/models/iris/predict`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: ROW,
    });
    await reply.arrayBuffer();
    slowest = Math.max(slowest, performance.now() - started);
    await after(10);
  }
  return slowest;
}
