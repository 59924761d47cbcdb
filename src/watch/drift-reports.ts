import { Baseline } from '../artifacts/baseline.js';
import type { ModelRegistry } from '../models/model-registry.js';
import type { VersionFiles } from '../models/version-files.js';
import type { Result } from '../state/operations.js';
import type { StateDatabase } from '../state/state-database.js';
import { BaselineNotFound } from './baseline-not-found.js';
import { lengthsOf } from './drift-counts.js';
import { driftReport } from './drift-report.js';
import type { DriftReport } from './drift-view.js';
import { type EstimatedQuality, estimatedQuality } from './estimated-quality.js';
import { alarmsOf } from './feature-detectors.js';

/** Windows that a report has: a day of the short ones with the open one, and two weeks of the long ones. */
const [MOST_SHORT, MOST_LONG] = [25, 15];
/** Of models with many inputs fewer, so that features and windows make so many at most; three say what they say of now. */
const MOST_VIEWS = 1_000;
const LEAST_WINDOWS = 3;

/** Tells how far what is asked of a version has moved from its training, from what all servers have counted. */
export class DriftReports {
  constructor(
    private readonly state: StateDatabase,
    private readonly registry: ModelRegistry,
    private readonly files: VersionFiles,
    private readonly windowSeconds: number,
  ) {}

  /**
   * @param named the version; the champion where it is undefined
   * @throws ModelNotFound, ModelNotReady (no champion), VersionNotFound, VersionNotReady, VersionRefused, BaselineNotFound,
   * StateUnavailable
   */
  async report(model: string, named?: string): Promise<DriftReport> {
    const version = named ?? this.registry.champion(model).manifest.version;
    const baseline = await this.files.baseline(model, version);
    if (!(baseline instanceof Baseline)) throw new BaselineNotFound(model, version, baseline.fault);
    return this.of(model, version, baseline);
  }

  /** @throws StateUnavailable */
  async of(model: string, version: string, baseline: Baseline): Promise<DriftReport> {
    const { windows, alarms } = await this.read(model, version, baseline, MOST_LONG);
    const known = { baseline, windows, alarms: alarmsOf(alarms), now: Date.now() };
    return driftReport({ model, version }, known);
  }

  /**
   * The quality that the probabilities of the newest short windows promise.
   * @returns null without probabilities, baseline or rows. @throws as `report`, but BaselineNotFound
   */
  async estimate(model: string, version: string): Promise<EstimatedQuality | null> {
    const baseline = await this.files.baseline(model, version);
    if (!(baseline instanceof Baseline)) return null;
    const { windows } = await this.read(model, version, baseline, 0);
    return estimatedQuality(baseline, windows);
  }

  /** Of many features there are fewer windows in a report. */
  private read(
    model: string,
    version: string,
    { digest, features }: Baseline,
    mostLong: number,
  ): Promise<Result<'driftOf'>> {
    const [short, long] = lengthsOf(this.windowSeconds);
    const fits = Math.max(LEAST_WINDOWS, Math.floor(MOST_VIEWS / features.length));
    const lengths = [
      { seconds: short, most: Math.min(fits, MOST_SHORT) },
      { seconds: long, most: Math.min(fits, mostLong) },
    ].filter(({ most }) => most > 0);
    return this.state.run('driftOf', { model, version, baseline: digest, lengths });
  }
}
