import { channelPair } from '../../test/support/channel-pair.js';
import type { Channel } from '../channel/channel.js';
import { JOIN, type PassedOn } from '../channel/siblings.js';
import { PassingOn } from './passing-on.js';
import type { WorkerSlot } from './worker-slot.js';

/** Workers as the primary has them; each gives what it has of the primary. */
function workers(): () => Channel {
  const office = new PassingOn();
  const running: WorkerSlot[] = [];
  return () => {
    const [channel, own] = channelPair();
    const slot = { channel } as WorkerSlot;
    running.push(slot);
    office.serve(slot, () => running);
    return own;
  };
}

const pass = (worker: Channel): Promise<void> => {
  const passed: PassedOn = { kind: 'look', payload: 'm', milliseconds: 1_000 };
  return worker.ask('pass', passed, 1_000);
};

describe(PassingOn.name, () => {
  it('waits for those that have joined alone, and tells those that only start', async () => {
    const start = workers();
    const [one, other] = [start(), start()];
    const looked = Promise.withResolvers<void>();
    const look = vi.fn<(model: string) => Promise<void>>(() => looked.promise);
    other.on('look', look);
    await pass(one);
    expect(look.mock.calls).toEqual([['m']]);

    await other.ask(JOIN, undefined, 1_000);
    let isPassed = false;
    const passed = pass(one).then(() => (isPassed = true));
    await vi.waitFor(() => expect(look.mock.calls).toHaveLength(2));
    expect(isPassed).toBe(false);
    looked.resolve();
    await passed;
  });

  it('is over where others do not know it, could not, or are gone', async () => {
    const start = workers();
    const [one, other] = [start(), start()];
    await other.ask(JOIN, undefined, 1_000);
    await pass(one);
    other.on('look', () => Promise.reject(new Error('not today')));
    await pass(one);
  });
});
