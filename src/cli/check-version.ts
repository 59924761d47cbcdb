import { statSync } from 'node:fs';
import { ArtifactFault } from '../artifacts/artifact-fault.js';
import { AppConfig } from '../config/app-config.js';
import * as definitions from '../models/definitions.js';
import { type CheckedVersion, checkVersion } from '../models/version-check.js';

const MAX_REASON = 2_000;

/** Says of a version folder what the server would say. @returns 0 if it can be served, 1 if not, 2 without a folder. */
export async function reportVersion(folder: string, asJson: boolean): Promise<number> {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    process.stderr.write(`nestor: ${folder} is not a folder; give one such as artifacts/iris/1\n`);
    return 2;
  }
  try {
    const checked = await checkVersion(folder, Object.values(definitions));
    process.stdout.write(asJson ? `${JSON.stringify({ servable: true, ...checked })}\n` : report(checked));
    return 0;
  } catch (error) {
    if (!(error instanceof ArtifactFault)) throw error;
    // A graph's own names may stand in it.
    const reason = error.message.slice(0, MAX_REASON);
    if (asJson) process.stdout.write(`${JSON.stringify({ servable: false, reason })}\n`);
    else process.stderr.write(`${folder} cannot be served: ${reason}\n`);
    return 1;
  }
}

function report(checked: CheckedVersion): string {
  const { model, version, task, inputs, sha256, content_sha256, replayed, tolerance } = checked;
  const { seconds_per_row, seconds, bytes } = checked;
  const off = (['raw', 'probability'] as const).flatMap((what) =>
    replayed[what] === undefined
      ? []
      : [`${what} ${Number(replayed[what].toPrecision(2))} (allowed: ${tolerance[what]})`],
  );
  return [
    `${model}/${version} can be served`,
    `  task       ${task}`,
    `  inputs     ${inputs.length}: ${inputs.join(', ')}`,
    `  model      sha256 ${sha256}`,
    `  all files  sha256 ${content_sha256}`,
    `  samples    ${samplesText(replayed)}; ${off.length > 0 ? `farthest off: ${off.join(', ')}` : 'every label equal'}`,
    `  one row    ${placeOf(seconds_per_row * 1000)}`,
    `  load       ${seconds.toFixed(2)} s, ${Math.round(bytes / 2 ** 20)} MB`,
    '',
  ].join('\n');
}

function samplesText({ samples, left_out }: CheckedVersion['replayed']): string {
  return left_out === undefined
    ? `${samples} replayed`
    : `${samples} replayed, evenly chosen, as there is no time for ${left_out} others`;
}

/** Where a server with this setting would run it; how it is set here counts, as it may be set there. */
function placeOf(milliseconds: number): string {
  const { INFERENCE_BUDGET_MS } = AppConfig.environment();
  const { inferenceBudgetMs: budget } = AppConfig.from({ INFERENCE_BUDGET_MS });
  const place =
    milliseconds > budget
      ? `more than INFERENCE_BUDGET_MS (${budget}): it runs in processes of its own`
      : `within INFERENCE_BUDGET_MS (${budget}): it runs in the server`;
  return `${Number(milliseconds.toPrecision(3))} ms of a processor, ${place}`;
}
