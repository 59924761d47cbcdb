import cluster, { type Worker } from 'node:cluster';
import { EventEmitter } from 'node:events';
import { WorkerSlot } from './worker-slot.js';

/** A process that says what a test says, and is started as the number 0. */
function started(): { readonly child: EventEmitter; readonly slot: WorkerSlot } {
  const child = Object.assign(new EventEmitter(), { process: { pid: 1 }, isConnected: () => false });
  vi.spyOn(cluster, 'fork').mockReturnValueOnce(child as unknown as Worker);
  return { child, slot: WorkerSlot.start(0, {}) };
}

describe(WorkerSlot.name, () => {
  afterEach(() => void vi.restoreAllMocks());

  it('has ended when it has exited and all is read that it has said', async () => {
    const { child, slot } = started();
    const heard: unknown[] = [];
    slot.channel.on('last words', (words: string) => heard.push(words));
    void slot.exited.then((how) => heard.push(how));
    child.emit('exit', null, 'SIGKILL');
    await new Promise(setImmediate);
    child.emit('message', { kind: 'last words', payload: 'wait' });
    await slot.exited;
    expect(heard).toEqual(['wait', 'SIGKILL']);
    expect(await slot.listening).toBeUndefined();
  });

  it('has ended, and says why, a second after it could not be begun', async () => {
    cluster.setupPrimary({ cwd: '/nowhere' });
    const began = performance.now();
    const slot = WorkerSlot.start(0, {});
    cluster.setupPrimary({ cwd: process.cwd() });
    slot.end();

    expect(await slot.exited).toBe(1);
    expect(performance.now() - began).toBeGreaterThan(900);
    expect(slot.faults).toEqual([
      { what: expect.stringMatching(/^a worker cannot be started: spawn /), mend: expect.any(String) },
    ]);
  });
});
