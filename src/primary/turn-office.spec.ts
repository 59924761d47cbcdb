import type { Siblings } from '../channel/siblings.js';
import { Turns } from '../channel/turns.js';
import { channelPair } from '../../test/support/channel-pair.js';
import { TurnOffice } from './turn-office.js';
import type { WorkerSlot } from './worker-slot.js';

const office = new TurnOffice();

/** A worker, as the primary has it, and its turns. */
function workerOf(): { readonly slot: WorkerSlot; readonly turns: Turns } {
  const [here, there] = channelPair();
  const slot = { channel: here } as WorkerSlot;
  office.serve(slot);
  return { slot, turns: new Turns({ primary: there } as unknown as Siblings) };
}

/** Work that is done when it is told so. */
function task() {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const work = vi.fn<() => Promise<string>>(() => promise);
  return { work, resolve, reject };
}
const begun = (...tasks: readonly ReturnType<typeof task>[]): number[] =>
  tasks.map(({ work }) => work.mock.calls.length);

describe('turns of workers', () => {
  it('are taken one at a time, in order, also where the work before failed; other work goes on', async () => {
    const [one, other] = [workerOf(), workerOf()];
    const [first, second, third, aside] = [task(), task(), task(), task()];
    const failing = one.turns.take('check', first.work);
    const waiting = other.turns.take('check', second.work);
    const last = one.turns.take('check', third.work);
    void other.turns.take('count', aside.work);
    await vi.waitFor(() => expect(begun(first, second, third, aside)).toEqual([1, 0, 0, 1]));

    first.reject(new Error('not today'));
    await expect(failing).rejects.toThrow('not today');
    await vi.waitFor(() => expect(begun(second, third)).toEqual([1, 0]));
    second.resolve('done');
    expect(await waiting).toBe('done');
    third.resolve('done as well');
    expect(await last).toBe('done as well');
  });

  it('end with the worker that has them', async () => {
    const [killed, other, third] = [workerOf(), workerOf(), workerOf()];
    const [held, lost, next] = [task(), task(), task()];
    void killed.turns.take('check', held.work);
    void third.turns.take('check', lost.work);
    void other.turns.take('check', next.work);
    await vi.waitFor(() => expect(begun(held, next)).toEqual([1, 0]));
    office.exited(third.slot);
    office.exited(killed.slot);

    await vi.waitFor(() => expect(begun(next)).toEqual([1]));
    expect(begun(lost)).toEqual([0]);
  });

  it('are waited for by nobody who is alone', async () => {
    const turns = new Turns({ primary: undefined } as unknown as Siblings);
    expect(await turns.take('check', () => Promise.resolve('done'))).toBe('done');
  });
});
