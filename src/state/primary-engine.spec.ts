import { channelPair } from '../../test/support/channel-pair.js';
import type { Channel } from '../channel/channel.js';
import { PrimaryEngine, serveState } from './primary-engine.js';
import { StateDatabase } from './state-database.js';
import { StateConflict, StateFault } from './state-faults.js';
import { StateUnavailable } from './state-unavailable.js';

const IN_A_SECOND = (): number => Date.now() + 1_000;
const KNOWN = { now: 1 };

/** The engine of a worker whose primary does an operation so. */
function engineOver(run: (name: string, parameters: unknown) => Promise<unknown>): {
  engine: PrimaryEngine;
  worker: Channel;
} {
  const [worker, primary] = channelPair();
  serveState(primary, { run } as unknown as StateDatabase);
  return { engine: new PrimaryEngine(worker), worker };
}

describe(PrimaryEngine.name, () => {
  it('has the primary do each operation, and answers what came of it', async () => {
    const asked: unknown[] = [];
    const { engine } = engineOver((...parameters) => {
      asked.push(parameters);
      return Promise.resolve([{ größe: 1 }]);
    });

    await engine.open();
    const found = await engine.run('listTrainables', undefined, IN_A_SECOND());
    expect(found).toEqual([{ größe: 1 }]);
    expect(asked).toEqual([
      ['pulse', { now: expect.any(Number) as number }],
      ['listTrainables', undefined],
    ]);
  });

  it.each([
    [new StateConflict('there is one'), new StateConflict('there is one')],
    [new StateUnavailable(), new StateFault(new StateUnavailable().message, true)],
    [new TypeError('a bug'), new Error('a bug')],
  ])('fails as the primary does: %s', async (thrown, expected) => {
    const { engine } = engineOver(() => Promise.reject(thrown));

    const failed = await engine.run('pulse', KNOWN, IN_A_SECOND()).catch((error: unknown) => error);
    expect(failed).toEqual(expected);
    expect((failed as Error).constructor).toBe(expected.constructor);
  });

  it('does not wait longer than it may, nor for a primary that has gone', async () => {
    const { engine, worker } = engineOver(() => new Promise(() => undefined));

    const late = engine.run('pulse', KNOWN, Date.now() + 20);
    await expect(late).rejects.toThrow(/^the primary: no answer to "state" for \d+ ms$/);
    const asked = engine.run('pulse', KNOWN, IN_A_SECOND());
    worker.close();
    await expect(asked).rejects.toEqual(new StateFault('the primary: the other process has ended'));
  });

  it('leaves it to the primary to tell that the database is away', async () => {
    const { engine } = engineOver(() => Promise.reject(new StateUnavailable()));
    const told: string[] = [];
    const tell = (message: string): number => told.push(message);
    const state = new StateDatabase(engine, { info: tell, error: tell });
    onTestFinished(() => state.onApplicationShutdown());
    state.open();

    await expect(state.run('pulse', KNOWN)).rejects.toThrow(StateUnavailable);
    expect(state.isUp).toBe(false);
    expect(told).toEqual([]);
  });

  it('has nothing done that nobody waits for any more', async () => {
    const run = vi.fn<() => Promise<void>>(() => Promise.resolve());
    const { engine } = engineOver(run);

    await expect(engine.run('pulse', KNOWN, Date.now() - 1)).rejects.toThrow(StateFault);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(run).not.toHaveBeenCalled();
  });
});
