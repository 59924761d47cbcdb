import { Baseline } from '../artifacts/baseline.js';
import type { Manifest } from '../artifacts/manifest.js';
import type { AppLogger } from '../observability/app-logger.js';
import { BinCounter } from '../pipeline/bin-counter.js';
import { BinCounters } from '../pipeline/bin-counters.js';
import type { Decision } from '../runners/decoder.js';
import type { Addition, Write } from '../state/drift-operations.js';
import type { StateDatabase } from '../state/state-database.js';
import { StateConflict } from '../state/state-faults.js';
import { StateUnavailable } from '../state/state-unavailable.js';
import { DriftCounts } from './drift-counts.js';

const MANIFEST = { model: 'm', version: '1', inputs: [{ name: 'x', type: 'number' }] } as unknown as Manifest;
const FILE = {
  rows: 9,
  inputs: { x: { kind: 'numeric', edges: [1], counts: [5, 4], missing: 0 } },
};

/** Keeps what is written; faults are thrown by the next writes, one each, before or after they are done. */
class FakeState {
  isUp = true;
  readonly writes: { write: number; rows: number }[] = [];
  readonly faults: { error: Error; isDone: boolean }[] = [];
  revision = 0;
  private last = 0;

  run(name: string, parameters: { by: Write; additions: readonly Addition[] }): Promise<unknown> {
    if (name === 'detectorsOf') {
      const { revision } = this;
      const stored = { model: 'm', version: '1', baseline: BASELINE.digest, revision };
      return Promise.resolve(revision === 0 ? [] : [{ ...stored, state: '[]', alarms: '{}' }]);
    }
    if (name !== 'addCounts') return Promise.resolve();
    const fault = this.faults.shift();
    if (fault !== undefined && !fault.isDone) return Promise.reject(fault.error);
    const { by, additions } = parameters;
    if (by.write > this.last) {
      this.last = by.write;
      const [{ slots, detectors }] = additions as [Addition];
      this.writes.push({ write: by.write, rows: slots[0]!.rows });
      this.revision = detectors.revision;
    }
    return fault === undefined ? Promise.resolve('added') : Promise.reject(fault.error);
  }
}

const BASELINE = Baseline.parse(Buffer.from(JSON.stringify(FILE)), MANIFEST);

function setting() {
  const state = new FakeState();
  const counters = new BinCounters();
  const counter = new BinCounter(MANIFEST, BASELINE);
  const unregister = counters.register(counter);
  const told: string[] = [];
  const tell = (message: string): number => told.push(message);
  const logger = { warn: tell, failure: tell } as unknown as AppLogger;
  const counts = new DriftCounts(counters, state as unknown as StateDatabase, logger, 3_600);
  const count = (rows: number): void => {
    const marks = counter.begin(rows);
    const decisions = Array.from({ length: rows }, () => ({}) as Decision);
    counter.mark(
      marks,
      decisions.map(() => ({ x: 0 })),
      decisions,
    );
    counter.add(marks);
  };
  return { state, counts, count, unregister, told };
}

describe(DriftCounts.name, () => {
  it('adds what was counted since the last time, and nothing where nothing was', async () => {
    const { state, counts, count } = setting();
    count(3);
    await counts.flush();
    await counts.flush();
    count(4);
    await counts.flush();

    expect(state.writes).toEqual([
      { write: 1, rows: 3 },
      { write: 2, rows: 4 },
    ]);
    expect(state.revision).toBe(2);
  });

  it.each([
    ['was done', true],
    ['was not done', false],
  ])('adds rows once where a write %s and nobody knows', async (_what, isDone) => {
    const { state, counts, count } = setting();
    state.faults.push({ error: new StateUnavailable(), isDone });
    count(3);
    await counts.flush();
    count(4);
    await counts.flush();
    await counts.flush();

    expect(counts.failures).toBe(1);
    expect(state.writes.map(({ rows }) => rows)).toEqual([3, 4]);
  });

  it('goes on counting while the database is away, and adds all of it later', async () => {
    const { state, counts, count } = setting();
    state.isUp = false;
    for (let minute = 0; minute < 1_000; minute++) {
      count(7);
      await counts.flush();
    }
    state.isUp = true;
    await counts.flush();

    expect(state.writes).toEqual([{ write: 1, rows: 7_000 }]);
  });

  it('tries again where another server was faster', async () => {
    const { state, counts, count } = setting();
    state.faults.push({ error: new StateConflict(''), isDone: false });
    count(3);
    await counts.flush();

    expect(state.writes).toEqual([{ write: 1, rows: 3 }]);
    expect(counts.failures).toBe(0);
  });

  it('adds at the end what a version has counted that is served no more', async () => {
    const { state, counts, count, unregister, told } = setting();
    count(3);
    unregister();
    await counts.onApplicationShutdown();

    expect(state.writes).toEqual([{ write: 1, rows: 3 }]);
    expect(told).toEqual([]);
  });

  it('says at the end how many rows are lost', async () => {
    const { state, counts, count, told } = setting();
    state.isUp = false;
    count(3);
    await counts.onApplicationShutdown();

    expect(told).toEqual(['rows are not in the windows of drift: the state database is away']);
  });
});
