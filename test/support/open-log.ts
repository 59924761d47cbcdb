import { AppConfig } from '../../src/config/app-config.js';
import type { AppLogger } from '../../src/observability/app-logger.js';
import type { LogMetrics } from '../../src/journal/log-metrics.js';
import { digestOf } from '../../src/journal/line-digest.js';
import type { NumberedFile } from '../../src/journal/record-log.js';
import { newId, newSalt } from '../../src/observability/ids.js';
import { PredictionLog } from '../../src/journal/prediction-log.js';
import { atEnd } from './clean-up.js';
import { testSettings } from './create-app.js';

/** The digests of lines, one behind the other. */
export function digestsOf(lines: Buffer | string): string {
  const texts = lines.toString().split('\n').slice(0, -1);
  return texts.map((text) => digestOf(`${text}\n`)).join('');
}

/** Records lines of a model, as a batch does. */
export function append(
  log: PredictionLog,
  model: string,
  lines: Buffer | string,
  records: number,
  now?: string,
): void {
  const modelLog = log.of(model);
  void modelLog.append(
    modelLog.take(now === undefined ? Date.now() : Date.parse(now)),
    Buffer.from(lines),
    records,
    digestsOf(lines),
  );
}

/** As `append`, at durability `synced`. @returns a promise that is kept when they are on the disk. */
export async function appendSynced(
  log: PredictionLog,
  model: string,
  lines: string,
  records = 1,
): Promise<void> {
  const modelLog = log.of(model);
  await modelLog.append(modelLog.take(), Buffer.from(lines), records, digestsOf(lines));
}

/** A prediction log with fakes around it; what it tells them is kept. */
export function openLog(overrides: Readonly<Record<string, string>> = {}): {
  log: PredictionLog;
  folder: string;
  told: string[];
  counted: { records: number; bytes: number; failures: number; stalls: number; syncs: number };
} {
  const config = AppConfig.from(testSettings(overrides));
  const told: string[] = [];
  const counted = { records: 0, bytes: 0, failures: 0, stalls: 0, syncs: 0 };
  const tell = (text: string): unknown => told.push(text);
  // Each file is told of when it is closed.
  const info = (text: string): unknown => (text === 'record file sealed' ? undefined : tell(text));
  const logger = { failure: tell, info, warn: tell };
  const metrics = {
    count: (_model: string, records: number, bytes: number) => {
      counted.records += records;
      counted.bytes += bytes;
    },
    fail: () => counted.failures++,
    stall: (seconds: number) => (counted.stalls += seconds),
    sync: () => counted.syncs++,
  };
  const log = new PredictionLog(config, logger as unknown as AppLogger, metrics as unknown as LogMetrics);
  atEnd(() => log.onApplicationShutdown());
  return { log, folder: config.predictionLogDir, told, counted };
}

/** What a made-up record says beside its model; `n` by default. */
export interface MadeRecord {
  readonly inputs?: object;
  readonly principal?: string;
}

/** Lines as the recorder makes them, for a file. */
export function madeLines(file: NumberedFile, model: string, records: readonly MadeRecord[]): string[] {
  let { last: previous, lines: seq } = file;
  return records.map(({ inputs = { n: seq }, principal = null }) => {
    const said = { prediction_id: newId(), model, inputs, outputs: { prediction: seq }, principal };
    const line = `${JSON.stringify({ ...said, salt: newSalt(), previous, schema: 1, seq: ++seq })}\n`;
    previous = digestOf(line);
    return line;
  });
}

/** Records a batch as the recorder does. */
export async function record(
  log: PredictionLog,
  model: string,
  records: readonly MadeRecord[],
  now?: string,
): Promise<void> {
  const modelLog = log.of(model);
  const file = modelLog.take(now === undefined ? Date.now() : Date.parse(now));
  const lines = madeLines(file, model, records).join('');
  await modelLog.append(file, Buffer.from(lines), records.length, digestsOf(lines));
}
