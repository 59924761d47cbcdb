import { runBench } from '../support/bench.js';

// Whether memory is flat takes longer to say: `npm run soak`.
it('calls of all kinds get the replies they should, no descriptor stays, and the leaks of a control are seen', async () => {
  const { output } = await runBench('soak', '--minutes', '0.2', '--control', '0.2');

  const grown = (name: string, what: string): number => {
    const line = new RegExp(`^${name}: \\d+ requests .+ 0 wrong replies; .*\\b${what} (\\d+) to (\\d+)`, 'm');
    expect(output).toMatch(line);
    const [, before, after] = line.exec(output)!;
    return Number(after) - Number(before);
  };
  expect(Math.abs(grown('nestor', 'descriptors'))).toBeLessThanOrEqual(2);
  expect(grown('nestor', 'processes')).toBe(0);
  expect(grown('control', 'descriptors')).toBeGreaterThan(4);
  expect(grown('control', 'processes')).toBeGreaterThan(0);
  expect(grown('control', 'memory')).toBeGreaterThan(5);
}, 300_000);
