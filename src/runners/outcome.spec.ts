import { ClassOutcomes, valueOutcomes } from './outcome.js';

const NUMBERS = [0, -0, 1, 0.1, 1 / 3, 5e-324, 1e-7, 1e21, 1.7976931348623157e308, -2.5, 123456789.123];

describe('the text of an outcome is that of its object, less the last brace', () => {
  it.each(NUMBERS)('for the value %d', (value) => {
    const decided = { classIndex: -1, raw: [value], probabilities: [] };
    expect(`${valueOutcomes.openText(decided)}}`).toBe(JSON.stringify(valueOutcomes.of(decided)));
    expect(JSON.parse(`${valueOutcomes.openText(decided)}}`)).toEqual({
      prediction: value === 0 ? 0 : value,
    });
  });

  it.each([
    ['two', ['stayed', 'left']],
    ['many', ['a', 'b', 'c', 'd']],
    ['numbers, which an object puts first', ['x', '10', '9', '-1']],
    ['what JSON escapes', ['"', '\\', '\u0000', '\uD800', '数 é']],
    ['names of every object', ['__proto__', 'constructor', 'toString']],
    ['one twice', ['same', 'other', 'same']],
  ])('for labels: %s', (_, labels) => {
    const classes = labels.map((label, value) => ({ label, value: value % 2 === 0 ? value : `v"${value}` }));
    const outcomes = new ClassOutcomes(classes);
    for (const [classIndex] of classes.entries()) {
      const decided = { classIndex, raw: [], probabilities: NUMBERS.slice(0, labels.length) };
      expect(`${outcomes.openText(decided)}}`).toBe(JSON.stringify(outcomes.of(decided)));
      expect(outcomes.of(decided)).toMatchObject({
        prediction: classes[classIndex]!.value,
        label: labels[classIndex],
      });
    }
  });
});
