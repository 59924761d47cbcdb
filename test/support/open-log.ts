import { AppConfig } from '../../src/config/app-config.js';
import type { AppLogger } from '../../src/observability/app-logger.js';
import type { LogMetrics } from '../../src/journal/log-metrics.js';
import { PredictionLog } from '../../src/journal/prediction-log.js';
import { atEnd } from './clean-up.js';
import { testSettings } from './create-app.js';

/** A prediction log with fakes around it; what it tells them is kept. */
export function openLog(overrides: Readonly<Record<string, string>> = {}): {
  log: PredictionLog;
  folder: string;
  told: string[];
  counted: { records: number; bytes: number; failures: number };
} {
  const config = AppConfig.from(testSettings(overrides));
  const told: string[] = [];
  const counted = { records: 0, bytes: 0, failures: 0 };
  const logger = { failure: (text: string) => told.push(text), info: (text: string) => told.push(text) };
  const metrics = {
    count: (_model: string, records: number, bytes: number) => {
      counted.records += records;
      counted.bytes += bytes;
    },
    fail: () => counted.failures++,
  };
  const log = new PredictionLog(config, logger as unknown as AppLogger, metrics as unknown as LogMetrics);
  atEnd(() => log.onApplicationShutdown());
  return { log, folder: config.predictionLogDir, told, counted };
}
