import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Baseline } from '../artifacts/baseline.js';
import type { Block } from '../pipeline/bin-counter.js';
import type { StoredDetectors } from '../state/stored-drift.js';
import { type DetectorState, SequentialDetector } from './sequential-detector.js';

/** By the place of a feature in the baseline: since when its detector has told drift, in milliseconds since 1970. */
export type Alarms = Readonly<Record<number, number>>;

export const alarmsOf = (text: string): Alarms => JSON.parse(text) as Alarms;

/** Of a model with many inputs others have their turn after so long. */
const TURN_MS = 5;

/**
 * Has the detectors of a version, which go on from `before`, look at blocks in order. Several processes take turns, each
 * going on from what the last one has stored.
 */
export async function lookedAt(
  baseline: Baseline,
  blocks: readonly Block[],
  before: StoredDetectors | undefined,
): Promise<StoredDetectors> {
  const { revision, state, alarms } = before ?? { revision: 0, state: '[]', alarms: '{}' };
  const states = JSON.parse(state) as readonly DetectorState[];
  const since: Record<number, number> = { ...alarmsOf(alarms) };
  const detectors: DetectorState[] = [];
  let turn = performance.now();
  for (const [place, { expected, start }] of baseline.features.entries()) {
    const detector = new SequentialDetector(expected, { state: states[place] });
    for (const { at, counts } of blocks) {
      const isDrift = detector.add([...counts.subarray(start, start + expected.length)]);
      if (isDrift) since[place] ??= at;
      else delete since[place];
    }
    detectors.push(detector.state);
    if (performance.now() - turn < TURN_MS) continue;
    await nextTurn();
    turn = performance.now();
  }
  return { revision: revision + 1, state: JSON.stringify(detectors), alarms: JSON.stringify(since) };
}
