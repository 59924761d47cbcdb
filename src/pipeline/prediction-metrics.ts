import { Injectable } from '@nestjs/common';
import type { Manifest } from '../artifacts/manifest.js';
import { DURATION_BUCKETS } from '../observability/http-metrics.js';
import { MetricsRegistry } from '../observability/metrics-registry.js';
import { GONE } from '../observability/metric-family.js';
import type { Tally, TalliedHistogram } from '../observability/tallied-histogram.js';

const STAGES = ['validate', 'encode', 'queue', 'run', 'decode', 'record'] as const;
const OUTCOMES = ['ok', 'invalid', 'error'] as const;
type Stage = (typeof STAGES)[number];
type Outcome = (typeof OUTCOMES)[number];

const MICROSECONDS = [0.000_005, 0.000_01, 0.000_025, 0.000_05, 0.000_1, 0.000_25] as const;
const BATCH_ROWS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096, 10_000] as const;
const SHARES = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1] as const;
/** Buckets of a regression's values: powers of ten on both sides of zero say little, but hold for every unit. */
const VALUES = [-1000, -100, -10, -1, 0, 1, 10, 100, 1000, 10_000, 100_000] as const;

/** Counts of one model version, kept in plain numbers. */
export interface VersionCounts {
  readonly outcomes: Record<Outcome, number>;
  /** By class in the manifest's order, target by target; empty for a regression. */
  readonly classes: Float64Array;
  /** Where the classes of each of several targets begin. */
  readonly starts: readonly number[];
  readonly score: Tally;
  readonly stages: Readonly<Record<Stage, Tally>>;
  readonly batchRows: Tally;
}

interface Registered {
  readonly manifest: Manifest;
  readonly counts: VersionCounts;
  readonly isCompiled: boolean;
}

interface GoneCounts {
  readonly outcomes: Record<Outcome, number>;
  /** By the text of its labels. */
  readonly classes: Map<string, { readonly labels: ClassLabels; readonly rows: number }>;
  readonly score: Tally;
}

/** What names a class; the target only where there are several. */
interface ClassLabels {
  readonly target?: string;
  readonly class: string;
}

/**
 * The metrics of predictions. Counters exist at zero as soon as their model is registered, so that no rate misses the
 * first one counted; the histograms, some 160 series a model, from the first observation on.
 */
@Injectable()
export class PredictionMetrics {
  private readonly stages: TalliedHistogram;
  private readonly batchRows: TalliedHistogram;
  private readonly shareScore: TalliedHistogram;
  private readonly versions = new Set<Registered>();
  private readonly gone = new Map<string, GoneCounts>();
  private readonly byModel = new Map<string, Pick<VersionCounts, 'stages' | 'batchRows'>>();

  constructor(registry: MetricsRegistry) {
    const { versions, gone } = this;
    this.stages = registry.histogram({
      name: 'nestor_inference_stage_duration_seconds',
      help: 'Duration of the stages of a prediction: validate per request, the others per batch.',
      buckets: [...MICROSECONDS, ...DURATION_BUCKETS],
    });
    this.batchRows = registry.histogram({
      name: 'nestor_inference_batch_rows',
      help: 'Rows that shared one run.',
      buckets: BATCH_ROWS,
    });
    this.shareScore = registry.histogram({
      name: 'nestor_prediction_score',
      help: 'P of the last class for two classes, the largest probability for more, the value of a regression, the score of an anomaly, the distance to the nearest cluster.',
      buckets: [...VALUES.filter((value) => value <= 0), ...SHARES, ...VALUES.filter((value) => value > 1)],
      endsBy: 'version',
    });
    registry.collected({
      name: 'nestor_predictions_total',
      help: 'Rows by outcome: ok (answered), invalid (requests refused for their input), error.',
      type: 'counter',
      endsBy: 'version',
      *collect() {
        for (const { manifest, counts } of versions) {
          for (const outcome of OUTCOMES) yield [{ ...labels(manifest), outcome }, counts.outcomes[outcome]];
        }
        for (const [model, { outcomes }] of gone) {
          for (const outcome of OUTCOMES) yield [{ model, version: GONE, outcome }, outcomes[outcome]];
        }
      },
    });
    registry.collected({
      name: 'nestor_prediction_class_total',
      help: 'Rows by predicted class.',
      type: 'counter',
      endsBy: 'version',
      *collect() {
        for (const { manifest, counts } of versions) {
          for (const [index, names] of classLabels(manifest).entries())
            yield [{ ...labels(manifest), ...names }, counts.classes[index]!];
        }
        for (const [model, { classes }] of gone) {
          for (const counted of classes.values())
            yield [{ model, version: GONE, ...counted.labels }, counted.rows];
        }
      },
    });
    registry.collected({
      name: 'nestor_model_compiled',
      help: '1: the trees of the model run as code that gives the same bits as the runtime; 0: the runtime runs it.',
      type: 'gauge',
      aggregator: 'min',
      *collect() {
        for (const { manifest, isCompiled } of versions) yield [labels(manifest), isCompiled ? 1 : 0];
      },
    });
  }

  /**
   * Begins to count for a model version, whose trees run as code or not; `unregister` takes its series away, those of its
   * model stay.
   */
  register(manifest: Manifest, isCompiled = false): { counts: VersionCounts; unregister: () => void } {
    const counts: VersionCounts = {
      outcomes: { ok: 0, invalid: 0, error: 0 },
      classes: new Float64Array(classLabels(manifest).length),
      starts: startsOf(manifest),
      score: this.shareScore.tally(labels(manifest)),
      ...this.ofModel(manifest.model),
    };
    const version = { manifest, counts, isCompiled };
    this.versions.add(version);
    const unregister = (): void => {
      this.versions.delete(version);
      this.shareScore.remove(counts.score);
      this.retire(manifest, counts);
    };
    return { counts, unregister };
  }

  /** What a version counted goes on under the version `gone`, so that no sum over a model ever falls. */
  private retire(manifest: Manifest, { outcomes, classes: counted, score }: VersionCounts): void {
    const { model } = manifest;
    let gone = this.gone.get(model);
    if (gone === undefined) {
      gone = {
        outcomes: { ok: 0, invalid: 0, error: 0 },
        classes: new Map(),
        score: this.shareScore.tally({ model, version: GONE }),
      };
      this.gone.set(model, gone);
    }
    for (const outcome of OUTCOMES) gone.outcomes[outcome] += outcomes[outcome];
    for (const [index, names] of classLabels(manifest).entries()) {
      const key = JSON.stringify(names);
      const { rows } = gone.classes.get(key) ?? { rows: 0 };
      gone.classes.set(key, { labels: names, rows: rows + counted[index]! });
    }
    gone.score.merge(score);
  }

  private ofModel(model: string): Pick<VersionCounts, 'stages' | 'batchRows'> {
    const known = this.byModel.get(model);
    if (known !== undefined) return known;
    const stages = Object.fromEntries(STAGES.map((stage) => [stage, this.stages.tally({ model, stage })]));
    const made = { stages: stages as Record<Stage, Tally>, batchRows: this.batchRows.tally({ model }) };
    this.byModel.set(model, made);
    return made;
  }
}

function classLabels({ classes = [], targets }: Manifest): readonly ClassLabels[] {
  if (targets === undefined) return classes.map(({ label }) => ({ class: label }));
  return targets.flatMap(({ name, classes: own = [] }) =>
    own.map(({ label }) => ({ target: name, class: label })),
  );
}

function startsOf({ targets = [] }: Manifest): readonly number[] {
  let next = 0;
  return targets.map(({ classes = [] }) => (next += classes.length) - classes.length);
}

const labels = ({ model, version }: Manifest): { model: string; version: string } => ({ model, version });
