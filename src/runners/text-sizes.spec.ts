import { TextSizes } from './text-sizes.js';

const told = ({ tokens, unknown }: TextSizes, rows: number): number[][] =>
  Array.from({ length: rows }, (_, row) => [tokens[row]!, unknown[row]!]);

describe(TextSizes.name, () => {
  it('are those of the rows that were encoded last', () => {
    const sizes = new TextSizes('text');
    sizes.begin(20);
    sizes.set(19, 3, 1);
    sizes.recall([{}]);

    expect([sizes.tokens[19], sizes.unknown[19]]).toEqual([3, 1]);
  });

  it('come back by the decisions of their rows, in any order and of several runs', () => {
    const sizes = new TextSizes('text');
    const run = (numbers: readonly number[]): object[] => {
      sizes.begin(numbers.length);
      for (const [row, number] of numbers.entries()) sizes.set(row, number, number - 1);
      const taken = sizes.take();
      const decisions = numbers.map((number) => ({ number }));
      sizes.keep(decisions, taken);
      return decisions;
    };
    const [one, , three] = run([1, 2, 3]);
    const [ten, eleven] = run([10, 11]);
    sizes.recall([eleven!, three!, one!, ten!]);

    expect(told(sizes, 4)).toEqual([
      [11, 10],
      [3, 2],
      [1, 0],
      [10, 9],
    ]);
  });
});
