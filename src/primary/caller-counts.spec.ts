import { COUNTED, SPENT } from '../access/counted.js';
import type { Given } from '../access/rates.js';
import { CallerCounts } from './caller-counts.js';
import type { WorkerSlot } from './worker-slot.js';

type Handler = (payload?: unknown) => unknown;

/** A worker: what it has been told, and how it asks. */
function workerOf(slot: number) {
  const handlers = new Map<string, Handler>();
  const told: { kind: string; payload: unknown }[] = [];
  const channel = {
    on: (kind: string, handler: Handler) => void handlers.set(kind, handler),
    tell: (kind: string, payload: unknown) => void told.push({ kind, payload }),
  };
  const ask = (kind: string, payload?: unknown): unknown => handlers.get(kind)!(payload);
  return { slot: { slot, channel } as unknown as WorkerSlot, told, ask };
}

it('what a worker has counted is passed on to the others, and told to one that starts', () => {
  const workers = [0, 1, 1].map(workerOf);
  const slots = workers.map(({ slot }) => slot);
  const counts = new CallerCounts();
  for (const slot of slots) counts.serve(slot, () => slots);
  const [first, second, third] = workers;
  const counted = {
    given: [{ principal: 'a', rate: { rowsPerSecond: 1, burst: 1e6 }, rows: 1_000 }],
    strangers: ['10.0.0.7'],
  };

  first!.ask(SPENT);
  first!.ask(COUNTED, counted);
  expect(first!.told).toEqual([{ kind: SPENT, payload: [] }]);
  expect(second!.told).toEqual([{ kind: COUNTED, payload: counted }]);
  expect(third!.told).toEqual(second!.told);
  third!.ask(SPENT);
  const { kind, payload } = third!.told[1]!;
  const [spent, ...more] = payload as readonly Given[];
  expect([kind, spent!.principal, more]).toEqual([SPENT, 'a', []]);
  expect(spent!.rows).toBeGreaterThan(990);
});
