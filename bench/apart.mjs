// `npm run bench:apart`: what it adds to a run that its graph stands in a process of its own.
import { createHash } from 'node:crypto';
import { openSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ModelProcesses } from '../dist/runners/model-processes.js';
import { OnnxSession } from '../dist/runners/onnx-session.js';
import { optionsOf } from './command-line.mjs';
import { sayMachine } from './machine.mjs';

const HELP = `npm run bench:apart -- [--rounds 3000]

Runs a graph that does next to nothing with tensors of 1 to 100,000 rows of 20 numbers, in turn in this process and in one of its
own, and says how much longer the second takes, and how much processor time of this process. Exit code 1 if the time is more than
0.1 ms and 1 ms for each MB of tensors, of a tenth of the runs, which others on this machine disturb least.`;
const ROWS = [1, 128, 6_553, 100_000];
const COLUMNS = 20;
const BASE_MS = 0.1;
const MS_PER_MB = 1;
/** The smaller ones are quicker, and are measured more often. */
const LEAST_ROUNDS = 20;

const values = optionsOf(HELP, { rounds: '3000' });

const path = fileURLToPath(new URL('../test/support/graphs/busy.onnx', import.meta.url));
const model = readFileSync(path);
const [inputs, outputs] = [['features'], ['raw_score']];
const here = OnnxSession.load(model, inputs, outputs);
const apart = await ModelProcesses.start(
  {
    model: 'busy',
    version: '1',
    graph: {
      digest: createHash('sha256').update(model).digest('hex'),
      bytes: model.length,
      inputs,
      outputs,
      tensors: {
        inputs: [{ name: 'features', datatype: 'FP64', shape: [-1, COLUMNS] }],
        outputs: [{ name: 'raw_score', datatype: 'FP64', shape: [-1, 1] }],
      },
      threads: 1,
    },
    processes: 1,
    memoryBytes: 2 ** 30,
  },
  openSync(path, 'r'),
  console,
);

sayMachine();
for (const rows of ROWS) {
  const tensors = [{ data: new Float64Array(rows * COLUMNS), dims: [rows, COLUMNS] }];
  const megabytes = (rows * (COLUMNS + 1) * 8) / 1e6;
  const [local, remote] = [[], []];
  const rounds = Math.max(LEAST_ROUNDS, Math.round(values.rounds / (1 + 100 * megabytes)));
  // The first tenth finds code and memory that nobody has used yet.
  for (let round = -Math.ceil(rounds / 10); round < rounds; round++) {
    const [one, other] = [
      await measure(() => here.run(tensors)),
      await measure(() => apart.run(tensors, Infinity)),
    ];
    if (round < 0) continue;
    local.push(one);
    remote.push(other);
  }
  const [ms, cpuMs] = [quick(remote.map((each) => each.ms)), quick(remote.map((each) => each.cpuMs))];
  const added = ms - quick(local.map((each) => each.ms));
  const bound = BASE_MS + MS_PER_MB * megabytes;
  if (added > bound) process.exitCode = 1;
  console.log(
    `${rows} rows, ${megabytes.toFixed(3)} MB: ${added.toFixed(3)} ms more, at most ${bound.toFixed(3)}; of this process ${cpuMs.toFixed(3)} ms of processor time`,
  );
}
await apart.release();
here.release();

async function measure(run) {
  const before = process.cpuUsage();
  const started = performance.now();
  await run();
  const ms = performance.now() - started;
  const { user, system } = process.cpuUsage(before);
  return { ms, cpuMs: (user + system) / 1000 };
}

/** A tenth of the runs were quicker: what others do on this machine only adds. */
function quick(numbers) {
  return numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 10)];
}
