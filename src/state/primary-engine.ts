import { type Channel, ChannelFault } from '../channel/channel.js';
import type { Arguments, OperationName, Result } from './operations.js';
import { errorIn, refusalOf, type StateAnswer } from './state-answer.js';
import type { StateDatabase } from './state-database.js';
import type { StateEngine } from './state-engine.js';
import { StateFault } from './state-faults.js';

const STATE = 'state';
const OPEN_MS = 2_000;

/** What a worker asks the primary to do. */
interface StateCall {
  readonly name: OperationName;
  readonly parameters: unknown;
  readonly deadline: number;
}

/** The database of the primary, which does for all workers what they ask: SQLite belongs to one process. */
export class PrimaryEngine implements StateEngine {
  readonly name = 'of the primary';

  constructor(private readonly primary: Channel) {}

  async open(): Promise<void> {
    const now = Date.now();
    await this.run('pulse', { now }, now + OPEN_MS);
  }

  async run<N extends OperationName>(
    name: N,
    parameters: Arguments<N>,
    deadline: number,
  ): Promise<Result<N>> {
    const call: StateCall = { name, parameters, deadline };
    const answer = await this.primary
      .ask<StateAnswer>(STATE, call, Math.max(1, deadline - Date.now()))
      .catch((error: unknown) => {
        throw error instanceof ChannelFault ? new StateFault(`the primary: ${error.message}`) : error;
      });
    const error = errorIn(answer);
    if (error instanceof StateFault) throw new StateFault(error.message, true);
    if (error !== undefined) throw error;
    return (answer as { result: Result<N> }).result;
  }

  /** The primary closes it when all workers have ended. */
  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** In the primary: does what the worker behind `channel` asks of the state. */
export function serveState(channel: Channel, state: Pick<StateDatabase, 'run'>): void {
  channel.on(STATE, async ({ name, parameters, deadline }: StateCall): Promise<StateAnswer> => {
    try {
      // Nobody waits for it any more: done now, it would have been accepted without anybody knowing.
      if (Date.now() > deadline) throw new StateFault('it came too late');
      return { result: await state.run(name, parameters as Arguments<OperationName>) };
    } catch (error) {
      return refusalOf(error);
    }
  });
}
