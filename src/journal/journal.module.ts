import { Module } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { Siblings } from '../channel/siblings.js';
import { AppConfig } from '../config/app-config.js';
import { AppLogger } from '../observability/app-logger.js';
import { MetricsRegistry } from '../observability/metrics-registry.js';
import { LogMetrics } from './log-metrics.js';
import { PredictionLog } from './prediction-log.js';
import { RecordFinder } from './record-finder.js';

const FLUSH = 'write records';

/** Opens the prediction log: the folder is made and probed, torn lines of killed processes are moved aside. */
@Module({
  providers: [
    LogMetrics,
    {
      provide: PredictionLog,
      inject: [AppConfig, AppLogger, LogMetrics, MetricsRegistry],
      useFactory: openLog,
    },
    {
      provide: RecordFinder,
      inject: [AppConfig, PredictionLog, Siblings],
      useFactory: makeFinder,
    },
  ],
  exports: [PredictionLog, LogMetrics, RecordFinder],
})
export class JournalModule {}

/** At `buffered` every worker may have records that were answered and wait to be written. */
function makeFinder(
  { predictionLogDir, predictionLogDurability }: AppConfig,
  log: PredictionLog,
  siblings: Siblings,
): RecordFinder {
  siblings.on(FLUSH, () => log.flush());
  return new RecordFinder(predictionLogDir, async () => {
    log.flush();
    if (predictionLogDurability === 'buffered') await siblings.pass(FLUSH, undefined);
  });
}

async function openLog(
  config: AppConfig,
  logger: AppLogger,
  metrics: LogMetrics,
  registry: MetricsRegistry,
): Promise<PredictionLog> {
  const log = new PredictionLog(config, logger, metrics);
  await log.open();
  const registers = [registry.prometheus];
  new Gauge({
    name: 'nestor_prediction_log_writable',
    help: '1 while predictions can be recorded (and so are answered), else 0.',
    aggregator: 'min',
    registers,
    collect() {
      this.set(log.isWritable ? 1 : 0);
    },
  });
  new Gauge({
    name: 'nestor_prediction_log_head_info',
    help: '1 for the newest line of the seals that this process has written, by its digest.',
    labelNames: ['head'],
    aggregator: 'max',
    registers,
    collect() {
      this.reset();
      if (log.head !== undefined) this.set({ head: log.head }, 1);
    },
  });
  new Gauge({
    name: 'nestor_prediction_log_model_refused',
    help: '1 for a model whose own records cannot be written, so that it is refused while others are answered.',
    labelNames: ['model'],
    aggregator: 'max',
    registers,
    collect() {
      this.reset();
      for (const model of log.refused) this.set({ model }, 1);
    },
  });
  return log;
}
