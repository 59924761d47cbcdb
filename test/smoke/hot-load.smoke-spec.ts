import { runBench } from '../support/bench.js';

// The figures are `npm run bench:cycles`; here only that nothing fails.
it('six versions are dropped, promoted, rolled back and deleted under load, and no call notices', async () => {
  const { code, output } = await runBench('hot-load', '--cycles', '6', '--rate', '300');

  expect(output).toMatch(
    /6 times dropped, promoted, rolled back and deleted .* 0 failed, 0 replies mixed versions/,
  );
  expect(output).toMatch(/: 0 faults, 0 without a record/);
  expect(code).toBe(0);
}, 300_000);
