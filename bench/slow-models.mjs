// Models that cost what their rows say: graphs of the tests in the folder of turnover's first version.
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ARTIFACTS, BenchFault, ROOT } from './machine.mjs';
import { turnoverSamples } from './single.mjs';
import { reseal } from './version-copy.mjs';

/** Its hours and projects are multiplied: they are what a row costs. */
const [{ input: ROW }] = turnoverSamples();
const MOST_HOURS = 500;

/** A row that costs `busy` about so many milliseconds of one core, and `hungry` eight times so many MB. */
export function workRow(work) {
  const hours = Math.min(work, MOST_HOURS);
  return { ...ROW, average_montly_hours: hours, number_project: Math.round(work / hours) };
}

/** As the body of a call of one row. */
export const workBody = (work) => Buffer.from(JSON.stringify(workRow(work)));

/**
 * Puts version 1 of a model into the artifact folder `models`. `graph` is `busy` (takes time) or `hungry` (takes memory);
 * its one golden sample costs `work`.
 */
export function putSlowModel(models, name, graph, work) {
  const version = join(models, name, '1');
  cpSync(join(ARTIFACTS, 'turnover', '1'), version, { recursive: true });
  cpSync(join(ROOT, 'test/support/graphs', `${graph}.onnx`), join(version, 'model.onnx'));
  const raw = ROW.satisfaction_level;
  const positive = 1 / (1 + Math.exp(-raw));
  const sample = { kind: 'example', raw: [raw], probabilities: [1 - positive, positive], label: 1 };
  const file = JSON.parse(readFileSync(join(version, 'samples.json'), 'utf8'));
  file.samples = [{ ...sample, input: workRow(work) }];
  writeFileSync(join(version, 'samples.json'), JSON.stringify(file));
  reseal(version, { model: name });
  writeFileSync(join(version, '..', 'aliases.json'), '{"champion":"1"}\n');
}

const TRIED = 40;

/** @returns the work that costs about so many milliseconds of processor time on this machine; `name` is a `busy` model. */
export async function workThatTakes(server, name, milliseconds) {
  const costs = [];
  for (let time = 0; time < 4; time++) {
    const before = server.cpuSeconds();
    const { status, text } = await server.call('POST', `/models/${name}/predict`, workBody(TRIED));
    if (status !== 200) throw new BenchFault(`${name}: ${status} ${text.slice(0, 300)}`);
    costs.push((server.cpuSeconds() - before) * 1_000);
  }
  return Math.max(1, Math.round((TRIED * milliseconds) / Math.min(...costs)));
}

/** Puts a model of the repository into the artifact folder `models`. */
export function putModel(models, name) {
  cpSync(join(ARTIFACTS, name), join(models, name), { recursive: true });
}
