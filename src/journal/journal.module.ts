import { Module } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { AppConfig } from '../config/app-config.js';
import { StartupFault } from '../errors/startup-fault.js';
import { AppLogger } from '../observability/app-logger.js';
import { MetricsRegistry } from '../observability/metrics-registry.js';
import { folderFault, isDiskFull, makeFolder, probeFolder } from '../files/writable-folder.js';
import { LogMetrics } from './log-metrics.js';
import { PredictionLog } from './prediction-log.js';
import { repairTree } from './repair.js';

/** Opens the prediction log: the folder is made and probed, torn lines of killed predecessors are moved aside. */
@Module({
  providers: [
    LogMetrics,
    {
      provide: PredictionLog,
      inject: [AppConfig, AppLogger, LogMetrics, MetricsRegistry],
      useFactory: openLog,
    },
  ],
  exports: [PredictionLog, LogMetrics],
})
export class JournalModule {}

function openLog(
  config: AppConfig,
  logger: AppLogger,
  metrics: LogMetrics,
  registry: MetricsRegistry,
): PredictionLog {
  const log = new PredictionLog(config, logger, metrics);
  try {
    makeFolder(config.predictionLogDir);
    for (const { path, bytes } of repairTree(config.predictionLogDir)) {
      logger.warn('torn last line of a killed process moved aside', { file: `${path}.torn`, bytes });
    }
    probeFolder(config.predictionLogDir);
  } catch (error) {
    if (error instanceof StartupFault) throw error;
    if (!isDiskFull(error)) throw folderFault('PREDICTION_LOG_DIR', config.predictionLogDir, error);
    // The server starts, says that it is not ready, and resumes by itself.
    log.suspend(error);
  }
  new Gauge({
    name: 'nestor_prediction_log_writable',
    help: '1 while predictions can be recorded (and so are answered), else 0.',
    registers: [registry.prometheus],
    collect() {
      this.set(log.isWritable ? 1 : 0);
    },
  });
  return log;
}
