import type { Arguments, OperationName, Result } from './operations.js';

/** Where the state is kept. */
export interface StateEngine {
  /** What the log calls it; never a password. */
  readonly name: string;
  /** Connects, migrates and tries that it can be written; also again, after a fault. @throws StateFault */
  open(): Promise<void>;
  /**
   * Does an operation whole or not at all. It may have been done although the answer is a fault.
   * @param deadline milliseconds since 1970 after which it need not be begun
   * @throws StateFault, StateConflict
   */
  run<N extends OperationName>(name: N, parameters: Arguments<N>, deadline: number): Promise<Result<N>>;
  /** Resolves when nothing is held any more. */
  close(): Promise<void>;
}
