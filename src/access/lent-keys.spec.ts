import { channelPair } from '../../test/support/channel-pair.js';
import { twoWorkers } from '../../test/support/two-workers.js';
import type { Channel } from '../channel/channel.js';
import { LentKeysOffice } from '../primary/lent-keys-office.js';
import type { WorkerSlot } from '../primary/worker-slot.js';
import type { Identity } from './identity.js';
import { LentKeys } from './lent-keys.js';

const RUNNER: Identity = {
  principal: 'server:runner',
  scopes: new Set(['runner'] as const),
  models: undefined,
  rate: undefined,
};

/** A primary, and what starts a worker of it. */
function server(): { office: LentKeysOffice; start: () => { keys: LentKeys; slot: WorkerSlot } } {
  const office = new LentKeysOffice();
  const slots: WorkerSlot[] = [];
  const siblings = twoWorkers();
  const start = () => {
    const [primary, channel] = channelPair() as [Channel, Channel];
    const slot = { channel } as WorkerSlot;
    const sibling = siblings[slots.length as 0 | 1];
    slots.push(slot);
    office.serve(slot, () => slots);
    const on: typeof sibling.on = (kind, handler) => {
      sibling.on(kind, handler);
      primary.on(kind, handler);
    };
    return { keys: new LentKeys({ ...sibling, on, primary }), slot };
  };
  return { office, start };
}

describe(LentKeys.name, () => {
  it('lends keys that every worker knows at once, and none when they have ended', async () => {
    const { start } = server();
    const [one, other] = [start(), start()];
    const lent = await one.keys.lend(RUNNER);

    expect(one.keys.find(lent.key)).toEqual(RUNNER);
    expect(other.keys.find(lent.key)).toEqual(RUNNER);
    expect(other.keys.find(`${lent.key.slice(0, -1)}-`)).toBeUndefined();
    lent.end();
    expect(one.keys.find(lent.key)).toBeUndefined();
    await vi.waitFor(() => expect(other.keys.find(lent.key)).toBeUndefined());
  });

  it('are learnt by a worker that starts later, and end with the process of their worker', async () => {
    const { office, start } = server();
    const one = start();
    const { key } = await one.keys.lend(RUNNER);
    const other = start();
    await other.keys.learn();

    expect(other.keys.find(key)).toEqual(RUNNER);
    office.exited(one.slot);
    await vi.waitFor(() => expect(other.keys.find(key)).toBeUndefined());
  });

  it('that end while a worker learns them are not known there', async () => {
    const { office, start } = server();
    const one = start();
    const { key } = await one.keys.lend(RUNNER);
    const other = start();
    const learning = other.keys.learn();
    await new Promise(setImmediate);
    office.exited(one.slot);
    await learning;
    expect(other.keys.find(key)).toBeUndefined();
  });
});
