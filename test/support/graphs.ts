import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type ArtifactCopy, copyTurnover } from './artifacts.js';
import { TURNOVER_ROW } from './turnover-row.js';

/** A version that is whole, but for a graph of graphs/make.py: one run never ends, or takes 4 GB. */
export function copyWithGraph(
  name: 'endless' | 'greedy',
  place: Parameters<typeof copyTurnover>[0] = {},
): ArtifactCopy {
  const copy = copyTurnover(place);
  copy.write('model.onnx', readFileSync(fileURLToPath(new URL(`graphs/${name}.onnx`, import.meta.url))));
  return copy.seal();
}

/** What a row of a model of `copyWithWork` costs, by its own inputs: so many hours times so many projects. */
export const workOf = (work: number): Record<string, unknown> => {
  const hours = Math.min(work, 500);
  return { ...TURNOVER_ROW, average_montly_hours: hours, number_project: Math.round(work / hours) };
};

/**
 * A version of a model that takes rows of turnover and answers `sigmoid(satisfaction_level)`. A run costs by its rows: with
 * `busy` about a millisecond for each hour and project, with `hungry` 8 MB. `samples`: the work of its golden samples.
 */
export function copyWithWork(
  graph: 'busy' | 'hungry',
  samples: readonly number[],
  place: Parameters<typeof copyTurnover>[0] = { name: graph },
): ArtifactCopy {
  const copy = copyTurnover(place);
  copy.write('model.onnx', readFileSync(fileURLToPath(new URL(`graphs/${graph}.onnx`, import.meta.url))));
  const raw = TURNOVER_ROW.satisfaction_level;
  const positive = 1 / (1 + Math.exp(-raw));
  const said = { kind: 'example', raw: [raw], probabilities: [1 - positive, positive], label: 1 };
  return copy.editSamples((list) => {
    list.splice(0, list.length, ...samples.map((work) => ({ ...said, input: workOf(work) })));
  });
}
