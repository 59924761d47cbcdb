import { Module } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { Siblings } from '../channel/siblings.js';
import { AppConfig } from '../config/app-config.js';
import { AppLogger } from '../observability/app-logger.js';
import { MetricsRegistry } from '../observability/metrics-registry.js';
import { PrimaryEngine } from './primary-engine.js';
import { SqliteEngine } from './sqlite-engine.js';
import { StateDatabase } from './state-database.js';
import type { StateEngine } from './state-engine.js';

/** Opens the state database beside the start, which does not wait for it. */
@Module({
  providers: [
    {
      provide: StateDatabase,
      inject: [AppConfig, AppLogger, MetricsRegistry, Siblings],
      useFactory: openState,
    },
  ],
  exports: [StateDatabase],
})
export class StateModule {}

async function openState(
  config: AppConfig,
  logger: AppLogger,
  metrics: MetricsRegistry,
  siblings: Siblings,
): Promise<StateDatabase> {
  const state = new StateDatabase(await engineOf(config, siblings), logger);
  new Gauge({
    name: 'nestor_state_up',
    help: '1 while the state database can be read and written, else 0: then jobs and feedback are refused.',
    aggregator: 'min',
    registers: [metrics.prometheus],
    collect() {
      this.set(state.isUp ? 1 : 0);
    },
  });
  state.open();
  return state;
}

async function engineOf(
  { stateDir, stateDatabaseUrl }: AppConfig,
  { primary }: Siblings,
): Promise<StateEngine> {
  if (stateDatabaseUrl === '') return primary ? new PrimaryEngine(primary) : new SqliteEngine(stateDir);
  // Loaded for those alone that have one.
  const { PostgresEngine } = await import('./postgres-engine.js');
  return new PostgresEngine(stateDatabaseUrl);
}
