import { runBench } from '../support/bench.js';

// Whether memory is flat takes a million calls to say: `npm run bench:soak`.
it('calls of all kinds get the replies they should, no descriptor stays, and those of a leak are seen', async () => {
  const { output } = await runBench('soak', '--requests', '20000', '--control', '20000');

  const grown = (name: string): number => {
    const line = new RegExp(
      `^${name}: 20000 requests .+ 0 wrong replies; .+, ([\\d.]+) to ([\\d.]+) desc`,
      'm',
    );
    expect(output).toMatch(line);
    const [, before, after] = line.exec(output)!;
    return Number(after) - Number(before);
  };
  expect(Math.abs(grown('nestor'))).toBeLessThanOrEqual(2);
  expect(grown('control')).toBeGreaterThan(4);
}, 300_000);
