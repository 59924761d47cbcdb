import type { Manifest, Sample } from '../artifacts/manifest.js';
import type { Row } from '../inputs/input-check.js';
import type { Decision } from './decoder.js';
import type { Decided } from './outcome.js';
import { replay, warmUp } from './replay.js';

const samples: Sample[] = Array.from({ length: 400 }, (_, index) => ({
  kind: 'natural',
  input: { number: index },
  raw: [index],
}));
const manifest = { task: 'regression', tolerance: { raw: 0 } } as Manifest;

/** A model whose rows take `msPerRow` of a clock that only it moves; notes the milliseconds of each turn of the loop. */
function modelOf(msPerRow: number): {
  decided: (rows: readonly Row[]) => Decided[];
  run: (rows: readonly Row[]) => Decision[];
  turns: number[];
} {
  let [clock, turn] = [0, -1];
  const turns: number[] = [];
  vi.spyOn(performance, 'now').mockImplementation(() => clock);
  const decided = (rows: readonly Row[]): Decided[] => {
    if (turn === -1) {
      turn = turns.push(0) - 1;
      setImmediate(() => (turn = -1));
    }
    clock += rows.length * msPerRow;
    turns[turn]! += rows.length * msPerRow;
    return rows.map(({ number }) => ({ classIndex: -1, raw: [number as number], probabilities: [] }));
  };
  const run = (rows: readonly Row[]): Decision[] =>
    decided(rows).map((each) => {
      const prediction = each.raw[0]!;
      return { ...each, outcome: { prediction }, prediction, openText: '', score: 0 };
    });
  return { decided, run, turns };
}

afterEach(() => vi.restoreAllMocks());

describe.each([0.1, 1, 7, 30])('a model whose row takes %s ms', (msPerRow) => {
  it('is replayed in turns of 20 ms, or of one row', async () => {
    const model = modelOf(msPerRow);
    expect(await replay(samples, model, manifest)).toEqual({ samples: 400, raw: 0 });
    expect(Math.max(...model.turns)).toBeLessThanOrEqual(Math.max(20, msPerRow));
  });

  it('is warmed up in such turns too, and says what a row takes', async () => {
    const model = modelOf(msPerRow);
    expect(await warmUp(samples, model)).toBeCloseTo(msPerRow / 1000);
    expect(Math.max(...model.turns)).toBeLessThanOrEqual(Math.max(20, msPerRow));
    expect(model.turns.reduce((sum, ms) => sum + ms)).toBeLessThan(250);
  });
});

describe('a model that is too slow for all samples', () => {
  it('is replayed for some twenty seconds, by samples from all places, and says how many are left out', async () => {
    const model = modelOf(200);
    const asked: unknown[] = [];
    const decided = (rows: readonly Row[]): Decided[] => {
      asked.push(...rows.map(({ number }) => number));
      return model.decided(rows);
    };
    const { samples: replayed, left_out } = await replay(samples, { decided }, manifest);

    expect([replayed, replayed + left_out!]).toEqual([asked.length, 400]);
    expect(replayed).toBeGreaterThan(80);
    expect(replayed * 200).toBeLessThan(21_000);
    expect(asked.filter((number) => (number as number) >= 300).length).toBeGreaterThan(20);
  });

  it('is asked for one more when the time is over, and for no others', async () => {
    expect(await replay(samples, modelOf(60_000), manifest)).toEqual({ samples: 2, left_out: 398, raw: 0 });
  });
});

describe(warmUp.name, () => {
  /** A model whose runs take these milliseconds one after another, and then the last of them for ever. */
  function runsOf(ms: readonly number[]): { run: () => Decision[]; runs: () => number } {
    let [clock, runs] = [0, 0];
    vi.spyOn(performance, 'now').mockImplementation(() => clock);
    const run = (): Decision[] => {
      clock += ms[Math.min(runs++, ms.length - 1)]!;
      return [];
    };
    return { run, runs: () => runs };
  }

  it('ends when ten runs in a row were no quicker than one before', async () => {
    const model = runsOf([3, 2, 1]);
    expect(await warmUp(samples, model)).toBeCloseTo(0.001);
    expect(model.runs()).toBe(13);
  });

  it('goes on while the model gets quicker, for 50 runs at most', async () => {
    const model = runsOf(Array.from({ length: 100 }, (_, run) => 0.9 ** run));
    await warmUp(samples, model);
    expect(model.runs()).toBe(50);
  });
});
