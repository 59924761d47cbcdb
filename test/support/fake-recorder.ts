import { Baseline } from '../../src/artifacts/baseline.js';
import type { Manifest } from '../../src/artifacts/manifest.js';
import { AppConfig } from '../../src/config/app-config.js';
import { PredictionLogUnavailable } from '../../src/errors/errors.js';
import type { ModelLog } from '../../src/journal/model-log.js';
import { MetricsRegistry } from '../../src/observability/metrics-registry.js';
import { BinCounter } from '../../src/pipeline/bin-counter.js';
import type { Caller, CallTimes, Prediction, Reply } from '../../src/pipeline/prediction.js';
import { PredictionMetrics, type VersionCounts } from '../../src/pipeline/prediction-metrics.js';
import { RecordedRows } from '../../src/pipeline/recorded-rows.js';
import { Recorder } from '../../src/pipeline/recorder.js';
import { testSettings } from './create-app.js';

/** A regression of one number, `n`. */
const MANIFEST = {
  model: 'm',
  version: '1',
  task: 'regression',
  inputs: [{ name: 'n', type: 'number', description: 'A number.', example: 1 }],
} as unknown as Manifest;

const BASELINE = {
  rows: 2,
  inputs: { n: { kind: 'numeric', edges: [0], counts: [1, 1], missing: 0 } },
};

/** What the first line has as the digest of the line before. */
export const BEGINNING = 'b'.repeat(43);

/** A log that keeps, of each write, the outcomes of its lines; it can be told to refuse. */
export class FakeLog {
  readonly writes: number[][] = [];
  readonly texts: string[] = [];
  fault: PredictionLogUnavailable | undefined;
  isWritable = true;
  /** Most lines of a write that fit. */
  room = Number.POSITIVE_INFINITY;
  givenBack = 0;
  /** Where it is set, writes are recorded when it is kept, as at durability `synced`. */
  sync: Promise<void> | undefined;

  assertWritable(): void {
    if (!this.isWritable) throw new PredictionLogUnavailable();
  }

  take(): { lines: number; last: string } {
    return { lines: this.texts.length, last: BEGINNING };
  }

  giveBack(): void {
    this.givenBack++;
  }

  append(_file: unknown, lines: Buffer): number | Promise<number> {
    // The memory of the lines is another batch's by then.
    const kept = Buffer.from(lines);
    return this.sync === undefined ? this.write(kept) : this.sync.then(() => this.write(kept));
  }

  private write(lines: Buffer): number {
    if (this.fault !== undefined) {
      this.isWritable = false;
      throw this.fault;
    }
    const texts = lines.toString().split('\n').filter(Boolean);
    if (texts.length > this.room) throw new PredictionLogUnavailable();
    this.texts.push(...texts);
    this.writes.push(
      texts.map((line) => (JSON.parse(line) as { outputs: { prediction: number } }).outputs.prediction),
    );
    return 0;
  }
}

/** The real recorder and its counts over a log without a disk. */
export function fakeRecorder(rows = RecordedRows.WHOLE): {
  recorder: Recorder;
  log: FakeLog;
  counts: VersionCounts;
  bins: BinCounter;
} {
  const log = new FakeLog();
  const metrics = new PredictionMetrics(new MetricsRegistry(AppConfig.from(testSettings())));
  const { counts } = metrics.register(MANIFEST);
  const baseline = Baseline.parse(Buffer.from(JSON.stringify(BASELINE)), MANIFEST);
  const bins = new BinCounter(MANIFEST, baseline);
  const recorder = new Recorder(MANIFEST, 'd1', log as unknown as ModelLog, counts, bins, rows);
  return { recorder, log, counts, bins };
}

/** A caller who waits for ever, but for what is said of him. */
export const callerWho = <C extends Partial<Caller>>(said: C): Caller & C => ({
  requestId: 'id',
  route: '/',
  principal: null,
  deadline: Infinity,
  gone: () => false,
  pay: () => undefined,
  ...said,
});

/** Keeps what it is told, a text per call. */
export class FakeReply implements Reply {
  readonly told: string[] = [];
  readonly predictions: Prediction[] = [];
  times: CallTimes | undefined;

  get isEnded(): boolean {
    return this.told.at(-1) === 'end';
  }

  begin(rows: number): void {
    this.told.push(`begin ${rows}`);
  }

  add(prediction: Prediction): void {
    this.predictions.push(prediction);
    this.told.push(`add ${JSON.stringify(prediction.outcome.prediction)}`);
  }

  end(times: CallTimes): void {
    this.times = times;
    this.told.push('end');
  }

  fail(error: unknown): void {
    this.told.push(`fail ${(error as Error).message}`);
  }
}
