import { channelPair } from '../../test/support/channel-pair.js';
import { Channel, ChannelFault } from './channel.js';

describe(Channel.name, () => {
  it('answers what the other side asks, by kind, each question its own', async () => {
    const [one, other] = channelPair();
    other.on('double', (n: number) => 2 * n);
    other.on('later', async (n: number) => Promise.resolve(n));

    const asked = [one.ask('double', 2, 1_000), one.ask('later', 3, 1_000), one.ask('double', 5, 1_000)];
    await expect(Promise.all(asked)).resolves.toEqual([4, 3, 10]);
  });

  it('takes what cannot be sent as text', async () => {
    const [one, other] = channelPair();
    other.on('same', (payload: unknown) => payload);
    const payload = {
      bytes: new Uint8Array([1, 2]),
      big: 10n,
      missing: undefined,
      many: new Map([[1, NaN]]),
    };

    await expect(one.ask('same', payload, 1_000)).resolves.toEqual(payload);
  });

  it('says why something was not done', async () => {
    const [one, other] = channelPair();
    other.on('refuse', () => {
      throw new Error('not today');
    });

    await expect(one.ask('refuse', 0, 1_000)).rejects.toEqual(new ChannelFault('not today'));
    await expect(one.ask('nothing', 0, 1_000)).rejects.toEqual(
      new ChannelFault('nobody answers "nothing" here'),
    );
  });

  it('waits for no answer longer than it says, and for none of a process that has ended', async () => {
    const [one, other] = channelPair();
    other.on('never', () => new Promise(() => undefined));

    await expect(one.ask('never', 0, 10)).rejects.toEqual(new ChannelFault('no answer to "never" for 10 ms'));
    const asked = [10_000, Infinity].map((milliseconds) => one.ask('never', 0, milliseconds));
    one.close();
    for (const each of asked)
      await expect(each).rejects.toEqual(new ChannelFault('the other process has ended'));
    await expect(one.ask('never', 0, 10_000)).rejects.toEqual(
      new ChannelFault('the other process has ended'),
    );
  });

  it('has done what it was told when it says so, also what has failed', async () => {
    const [one, other] = channelPair();
    const open = Promise.withResolvers<void>();
    other.on('open', () => open.promise);
    other.on('refuse', () => Promise.reject(new Error('not today')));
    other.on('hello', () => undefined);
    one.tell('open');
    one.tell('refuse');
    await one.ask('hello', 0, 1_000);
    let isDone = false;
    const done = other.done().then(() => (isDone = true));
    await new Promise(setImmediate);
    expect(isDone).toBe(false);
    open.resolve();
    await done;
    await other.done();
  });

  it('hears what is told, and lets what nobody knows pass', async () => {
    const [one, other] = channelPair();
    const heard: unknown[] = [];
    other.on('news', (payload: unknown) => heard.push(payload));
    one.tell('gossip');
    one.tell('news', 1);

    await vi.waitFor(() => expect(heard).toEqual([1]));
  });
});
