import { familyText, type MetricFamily } from './metric-family.js';

const family = (labels: string[], values: number[]): MetricFamily => ({
  name: 'g',
  help: 'what',
  type: 'gauge',
  aggregator: 'max',
  labels,
  values: Float64Array.from(values),
});

describe(familyText.name, () => {
  it('writes what is no number as Prometheus does', () => {
    const text = familyText(family(['a="1"', 'a="2"', 'a="3"', ''], [NaN, Infinity, -Infinity, 0.5]));

    expect(text).toBe(
      ['# HELP g what', '# TYPE g gauge', 'g{a="1"} NaN', 'g{a="2"} +Inf', 'g{a="3"} -Inf', 'g 0.5', ''].join(
        '\n',
      ),
    );
  });

  it('has a help of one line', () => {
    expect(familyText({ ...family([], []), help: 'one\\two\nthree' })).toBe(
      '# HELP g one\\\\two\\nthree\n# TYPE g gauge\n',
    );
  });
});
