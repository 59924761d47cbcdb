import { Pulse } from './pulse.js';

/** A worker whose process answers while `turns` says so, and its pulse. */
function watched(): { turns: boolean; readonly kill: () => void; readonly end: () => void } {
  let pong = (): unknown => undefined;
  const exited = Promise.withResolvers<number>();
  const worker = { turns: true, kill: vi.fn<() => void>(), end: () => exited.resolve(0) };
  new Pulse({ warn: vi.fn<() => void>() }).serve({
    slot: 0,
    pid: 1,
    channel: {
      on: (_kind: string, handler: () => unknown) => (pong = handler),
      tell: () => {
        if (worker.turns) pong();
      },
    } as never,
    listening: Promise.resolve({}),
    exited: exited.promise,
    kill: worker.kill,
  });
  return worker;
}

describe(Pulse.name, () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('kills a worker that has not answered for half a minute, once', async () => {
    const worker = watched();
    await vi.advanceTimersByTimeAsync(60_000);
    worker.turns = false;
    await vi.advanceTimersByTimeAsync(29_000);
    expect(worker.kill).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(60_000);

    expect(worker.kill).toHaveBeenCalledTimes(1);
  });

  it('lets one be that answers again, and asks none that has ended', async () => {
    const [slow, ended] = [watched(), watched()];
    slow.turns = false;
    ended.turns = false;
    ended.end();
    await vi.advanceTimersByTimeAsync(29_000);
    slow.turns = true;
    await vi.advanceTimersByTimeAsync(60_000);

    expect(slow.kill).not.toHaveBeenCalled();
    expect(ended.kill).not.toHaveBeenCalled();
  });
});
