import type { RetrainOn } from '../config/settings.js';
import type { DriftStatus } from './drift-status.js';
import type { Figure } from './measured-quality.js';

/** What may ask for a training by itself, and the name of the job's trigger. */
export type Trigger = 'drift' | 'quality' | 'labels';

/** Quality has to be worse than that of the training's hold-out by so much, with its whole interval; errors in shares. */
const LOST = 0.05;

/** What is known of a model and its champion. */
export interface Watched {
  readonly drift: DriftStatus;
  /** Undefined: no label has come yet. */
  readonly quality: Figure | undefined;
  readonly holdout: number | undefined;
  /** Labels that came after the champion was trained, and after the last training that was asked for by itself. */
  readonly newLabels: number;
}

/** @returns what asks for a training, and why; undefined: nothing does. */
export function retrainReason(
  { drift, quality, holdout, newLabels }: Watched,
  on: RetrainOn,
): { readonly trigger: Trigger; readonly reason: string } | undefined {
  // Without new labels a training would learn the same again.
  if (newLabels === 0) return undefined;
  const has = `${newLabels} new labels`;
  if (on.quality && quality !== undefined && holdout !== undefined && hasLost(quality, holdout))
    return {
      trigger: 'quality',
      reason: `${quality.name} is ${short(quality.value)}, and was ${short(holdout)} on the hold-out; ${has}`,
    };
  if (on.drift && (drift === 'drift' || drift === 'severe'))
    return { trigger: 'drift', reason: `the inputs have drifted; ${has}` };
  if (on.labels !== undefined && newLabels >= on.labels) return { trigger: 'labels', reason: has };
  return undefined;
}

function hasLost({ name, low, high }: Figure, holdout: number): boolean {
  return name === 'accuracy' ? high < holdout - LOST : low > holdout * (1 + LOST);
}

const short = (value: number): string => String(Number(value.toPrecision(3)));
