// `npm run fidelity`: compares what the built server answers with what the original estimator says, row by row.
import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ARTIFACTS, BenchFault, requireTools } from './machine.mjs';
import { startNestor } from './server.mjs';
import { countRecords } from './single.mjs';

const HELP = `npm run fidelity -- <rows.ndjson> --model <name>

Every row of the file goes through POST /v1/models/<name>:predict of dist/main.js (label and probabilities) and
through dist's ModelRunner (raw scores too) and is compared with the estimator's answer beside it. Exit code 1 if one
label differs, one number is further off than the manifest's tolerance (0: not one bit), or one record is missing.

The rows come from Python: python -m nestor_demonstrations rows <name> --count 20000 --out rows.ndjson`;

const ROWS_PER_CALL = 10_000;
const BYTES_PER_CALL = 12_000_000;
const LISTED = 5;

/** What was found of one way through the server. */
class Comparison {
  rows = 0;
  labels = 0;
  raw = 0;
  rawCompared = 0;
  probabilities = 0;
  largest = { raw: 0, probability: 0 };

  constructor(name, { tolerance, classes = [] }) {
    Object.assign(this, { name, tolerance, classes });
  }

  get differences() {
    return this.labels + this.raw + this.probabilities;
  }

  /** `actual`: {prediction, probabilities, raw?}; the estimator's numbers are those of `expected`. */
  compare(expected, { prediction, probabilities = [], raw }) {
    const before = this.differences;
    this.rows++;
    if (expected.label !== undefined && prediction !== expected.label) this.labels++;
    if (this.isOff(expected.probabilities ?? [], probabilities, 'probability')) this.probabilities++;
    if (raw !== undefined) {
      this.rawCompared += raw.length;
      if (this.isOff(expected.raw, raw, 'raw')) this.raw++;
    }
    if (this.differences > before && this.differences <= LISTED) {
      console.log(
        `${this.name}: ${JSON.stringify(expected)} got ${JSON.stringify({ prediction, probabilities, raw })}`,
      );
    }
  }

  isOff(expected, actual, kind) {
    if (expected.length !== actual.length) return true;
    const tolerance = this.tolerance[kind] ?? 0;
    return expected.reduce((isOff, value, index) => {
      const difference = Math.abs(value - actual[index]);
      this.largest[kind] = Math.max(this.largest[kind], difference);
      // Object.is tells 0 from -0 too; !(… <= …) catches NaN.
      return (tolerance === 0 ? !Object.is(value, actual[index]) : !(difference <= tolerance)) || isOff;
    }, false);
  }

  toString() {
    const { raw = 0, probability = 0 } = this.tolerance;
    const rawText =
      this.rawCompared > 0
        ? `${this.raw} raw scores of ${this.rawCompared} differ (${raw === 0 ? 'bit for bit' : `tolerance ${raw}`}, largest difference ${this.largest.raw}), `
        : '';
    return (
      `${this.name}: ${this.rows} rows, ${this.labels} labels differ, ${rawText}` +
      `${this.probabilities} probabilities differ (tolerance ${probability}, largest difference ${this.largest.probability})`
    );
  }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: 'string' },
    artifacts: { type: 'string', default: ARTIFACTS },
    help: { type: 'boolean', default: false },
  },
});
if (values.help || positionals.length !== 1 || values.model === undefined) {
  console.log(HELP);
  process.exit(values.help ? 0 : 2);
}

const folder = mkdtempSync(join(tmpdir(), 'nestor-fidelity-'));
let nestor;
try {
  requireTools();
  const { manifest, runner } = await (
    await import('./champion.mjs')
  ).openChampion(values.artifacts, values.model);
  nestor = await startNestor(undefined, folder, { ARTIFACTS_DIR: values.artifacts });
  const direct = new Comparison('ModelRunner', manifest);
  const http = new Comparison('HTTP', manifest);
  const kinds = {};
  for await (const samples of chunks(positionals[0])) {
    const inputs = samples.map(({ input }) => input);
    const decisions = runner.run(inputs, { encode: 0, run: 0, decode: 0 });
    const predictions = await predict(values.model, inputs);
    for (const [index, sample] of samples.entries()) {
      const { outcome, raw, probabilities } = decisions[index];
      kinds[sample.kind] = (kinds[sample.kind] ?? 0) + 1;
      direct.compare(sample, {
        prediction: outcome.prediction,
        raw: Array.from(raw),
        probabilities: Array.from(probabilities),
      });
      const { prediction, probabilities: byLabel = {} } = predictions[index];
      http.compare(sample, {
        prediction,
        probabilities: manifest.classes?.map(({ label }) => byLabel[label]),
      });
    }
  }
  await runner.release();
  await nestor.stop();
  if (http.rows === 0) throw new BenchFault(`${positionals[0]} holds no rows`);
  const records = countRecords(join(folder, 'predictions'));
  console.log(`${values.model}/${manifest.version}: ${JSON.stringify(kinds)}`);
  console.log(String(direct));
  console.log(String(http));
  console.log(`${records} records for ${http.rows} rows answered over HTTP`);
  if (direct.differences + http.differences > 0 || records !== http.rows)
    throw new BenchFault('not faithful');
  console.log('faithful');
} catch (error) {
  if (!(error instanceof BenchFault)) throw error;
  console.error(`fidelity: ${error.message}`);
  process.exitCode = 1;
} finally {
  await nestor?.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function predict(model, instances) {
  const { status, text } = await nestor.call(
    'POST',
    `/v1/models/${model}:predict`,
    JSON.stringify({ instances }),
  );
  if (status !== 200) throw new BenchFault(`the server answered ${status}: ${text.slice(0, 500)}`);
  const { predictions } = JSON.parse(text);
  if (predictions.length !== instances.length) {
    throw new BenchFault(`${predictions.length} predictions for ${instances.length} rows`);
  }
  return predictions;
}

/** The samples of an NDJSON file, as many at a time as one call may carry. */
async function* chunks(path) {
  let samples = [];
  let bytes = 0;
  for await (const line of linesOf(path)) {
    if (line === '') continue;
    if (samples.length === ROWS_PER_CALL || bytes + line.length > BYTES_PER_CALL) {
      yield samples;
      samples = [];
      bytes = 0;
    }
    samples.push(JSON.parse(line));
    bytes += line.length;
  }
  if (samples.length > 0) yield samples;
}

/** Not `readline`, which takes characters for ends of a line that stand in JSON as they are. */
async function* linesOf(path) {
  let begun = '';
  for await (const block of createReadStream(path, 'utf8')) {
    const lines = (begun + block).split('\n');
    begun = lines.pop();
    yield* lines;
  }
  yield begun;
}
