import { AppConfig } from '../../src/config/app-config.js';
import type { AppLogger } from '../../src/observability/app-logger.js';
import type { LogMetrics } from '../../src/journal/log-metrics.js';
import { PredictionLog } from '../../src/journal/prediction-log.js';
import { atEnd } from './clean-up.js';
import { testSettings } from './create-app.js';

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
  await modelLog.append(modelLog.take(), Buffer.from(lines), records);
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
  const logger = { failure: tell, info: tell, warn: tell };
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
