import { CollectedMetric } from './collected-metric.js';

describe(CollectedMetric.name, () => {
  it('tells type, help and what there is when it is asked', () => {
    const counts = new Map([['a"b', 1]]);
    const made = new CollectedMetric({
      name: 'c_total',
      help: 'what',
      type: 'counter',
      *collect() {
        for (const [model, value] of counts) yield [{ model, version: '1' }, value];
      },
    });
    counts.set('c', 0.5);

    expect(made.text()).toBe(
      [
        '# HELP c_total what',
        '# TYPE c_total counter',
        'c_total{model="a\\"b",version="1"} 1',
        'c_total{model="c",version="1"} 0.5',
        '',
      ].join('\n'),
    );
  });
});
