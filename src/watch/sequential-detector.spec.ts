import { SequentialDetector } from './sequential-detector.js';

const EXPECTED = Array.from({ length: 10 }, () => 1_000);
/** 25 rows: two or three a bin in turn, as the training has them. */
const calm = (turn: number): number[] => EXPECTED.map((_, bin) => ((bin + turn) % 2 === 0 ? 3 : 2));
/** As many, half of them in the last two bins. */
const MOVED = [1, 1, 2, 1, 2, 2, 2, 1, 6, 7];

describe(SequentialDetector.name, () => {
  it('is silent for as long as nothing moves, and finds within some hundred rows what has moved then', () => {
    const detector = new SequentialDetector(EXPECTED);
    for (let turn = 0; turn < 4_000; turn++) expect(detector.add(calm(turn))).toBe(false);
    let rows = 0;
    let isFound = false;
    while (!isFound && rows < 1_000) {
      isFound = detector.add(MOVED);
      rows += 25;
    }
    expect(rows).toBeGreaterThanOrEqual(50);
    expect(rows).toBeLessThanOrEqual(150);
  });

  it('goes on from what another process knew', () => {
    const one = new SequentialDetector(EXPECTED);
    for (let turn = 0; turn < 50; turn++) one.add(calm(turn));
    one.add(MOVED);
    const state = JSON.stringify(one.state);
    const other = new SequentialDetector(EXPECTED, {
      state: JSON.parse(state) as typeof one.state,
    });
    for (let turn = 0; turn < 10; turn++) expect(other.add(MOVED)).toBe(one.add(MOVED));
    expect(other.state).toEqual(one.state);
  });

  it('keeps so much and no more, takes blocks of any size, and says nothing of one bin', () => {
    const detector = new SequentialDetector(EXPECTED);
    for (let turn = 0; turn < 1_000; turn++) detector.add(EXPECTED);
    expect(JSON.stringify(detector.state).length).toBeLessThan(3_000);
    expect(detector.add(EXPECTED.map(() => 0))).toBe(false);
    const constant = new SequentialDetector([5_000]);
    for (let turn = 0; turn < 100; turn++) expect(constant.add([100])).toBe(false);
  });

  it('says since when, and finds a rise of the last bin alone where that is asked', () => {
    const errors = new SequentialDetector([9_000, 1_000], { watchesRiseOfLast: true });
    for (let turn = 0; turn < 200; turn++) expect(errors.add(turn % 2 === 0 ? [22, 3] : [23, 2])).toBe(false);
    for (let turn = 0; turn < 200; turn++) expect(errors.add([25, 0])).toBe(false);
    let rows = 0;
    for (let isFound = false; !isFound && rows < 1_000; rows += 25) isFound = errors.add([18, 7]);
    expect(rows).toBeLessThanOrEqual(250);
    expect(Math.abs(errors.rowsSinceChange - rows)).toBeLessThanOrEqual(100);
  });

  it('asks for more where the training had few rows', () => {
    const rowsToAlarm = (expected: readonly number[]): number => {
      const detector = new SequentialDetector(expected);
      for (let rows = 25; rows <= 10_000; rows += 25) if (detector.add(MOVED)) return rows;
      return Infinity;
    };
    const few = EXPECTED.map(() => 10);
    expect(rowsToAlarm(few)).toBeGreaterThan(rowsToAlarm(EXPECTED));
  });
});
