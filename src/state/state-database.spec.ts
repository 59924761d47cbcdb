import { setImmediate as nextTurn } from 'node:timers/promises';
import { MessageChannel } from 'node:worker_threads';
import { openState, untilUp } from '../../test/support/state.js';
import type { Arguments, OperationName, Result } from './operations.js';
import { StateDatabase } from './state-database.js';
import type { StateEngine } from './state-engine.js';
import { StateFault } from './state-faults.js';
import { StateUnavailable } from './state-unavailable.js';

/** An engine that opens at once and answers when it is told to. */
class HeldEngine implements StateEngine {
  readonly name = 'held';
  openings = 0;
  readonly held: PromiseWithResolvers<unknown>[] = [];

  open(): Promise<void> {
    this.openings++;
    return Promise.resolve();
  }

  run<N extends OperationName>(_name: N, _parameters: Arguments<N>): Promise<Result<N>> {
    const answer = Promise.withResolvers<unknown>();
    this.held.push(answer);
    return answer.promise as Promise<Result<N>>;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

describe(StateDatabase.name, () => {
  it('is not lost again by what was asked before it was opened anew', async () => {
    const engine = new HeldEngine();
    const { state, told } = await openState(engine);
    const asked = [1, 2].map((now) => state.run('pulse', { now }));
    const [first, second] = engine.held;
    first!.reject(new StateFault('its connection has ended'));
    await expect(asked[0]).rejects.toThrow(StateUnavailable);
    await untilUp(state);
    second!.reject(new StateFault('its connection has ended as well'));
    await expect(asked[1]).rejects.toThrow(StateUnavailable);

    expect(state.isUp).toBe(true);
    expect(engine.openings).toBe(2);
    expect(told).toEqual([
      'state database is away: jobs and feedback are refused, predictions are not: its connection has ended',
      'state database is there again',
    ]);
  });

  it('takes an answer that is there when this process has stood still for longer than one may take', async () => {
    const engine = new HeldEngine();
    const { state, told } = await openState(engine);
    const asked = state.run('pulse', { now: 1 });
    const { port1, port2 } = new MessageChannel();
    onTestFinished(() => port1.close());
    port1.once('message', () => engine.held[0]!.resolve(undefined));
    // From here on the timer comes before the message.
    await nextTurn();
    port2.postMessage('answer');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
    await asked;

    expect(told).toEqual([]);
  });
});
