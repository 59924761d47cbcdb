import { runBench } from '../support/bench.js';
import { HAS_CC } from '../support/stalling-disk.js';

// The faults that no other spec brings about; `npm run test:faults` brings about all.
it.runIf(HAS_CC)(
  'the clock of the day may be set while the server predicts (skipped without cc)',
  async () => {
    const { code, output } = await runBench('faults', '--only', 'clock', '--rounds', '1', '--patience', '10');

    expect(output).toMatch(/^kept {2}clock /m);
    expect(code).toBe(0);
  },
  120_000,
);

it('a fault that there is not is told with those that there are', async () => {
  const { code, output } = await runBench('faults', '--only', 'meteor');

  expect(output).toContain('"meteor" is none of crash, full-disk,');
  expect(code).toBe(2);
});
