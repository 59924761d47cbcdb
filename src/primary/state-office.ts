import type { AppConfig } from '../config/app-config.js';
import type { AppLogger } from '../observability/app-logger.js';
import { serveState } from '../state/primary-engine.js';
import { SqliteEngine } from '../state/sqlite-engine.js';
import { StateDatabase } from '../state/state-database.js';
import type { Office } from './office.js';
import type { WorkerSlot } from './worker-slot.js';

/**
 * The state database of all workers, where it is in SQLite, which belongs to one process. In PostgreSQL each worker has
 * connections of its own, and asks nothing here.
 */
export class StateOffice implements Office {
  private readonly state: StateDatabase | undefined;

  constructor({ stateDir, stateDatabaseUrl }: AppConfig, logger: AppLogger) {
    if (stateDatabaseUrl !== '') return;
    this.state = new StateDatabase(new SqliteEngine(stateDir), logger);
    this.state.open();
  }

  serve({ channel }: WorkerSlot): void {
    if (this.state !== undefined) serveState(channel, this.state);
  }

  async close(): Promise<void> {
    await this.state?.onApplicationShutdown();
  }
}
