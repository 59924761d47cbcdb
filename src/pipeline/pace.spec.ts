import { Pace } from './pace.js';

describe(Pace.name, () => {
  it('cuts no run of a quick model', () => {
    const pace = new Pace();
    pace.measure(128, 0.001);
    expect(pace.rowsPerRun).toBe(128);
  });

  it('cuts the runs of a dear model so that none holds the loop for long', () => {
    const pace = new Pace();
    pace.measure(1, 0.002);
    expect(pace.rowsPerRun).toBe(5);
    pace.measure(1, 0.002);
    expect(pace.rowsPerRun).toBe(5);
  });

  it('runs one row where one is dear enough', () => {
    const pace = new Pace();
    pace.measure(1, 2);
    expect(pace.rowsPerRun).toBe(1);
  });

  it('forgets a slow run', () => {
    const pace = new Pace();
    for (let run = 0; run < 100; run++) pace.measure(128, 0.001);
    pace.measure(128, 0.5);
    for (let run = 0; run < 100; run++) pace.measure(128, 0.001);
    expect(pace.rowsPerRun).toBe(128);
  });
});
