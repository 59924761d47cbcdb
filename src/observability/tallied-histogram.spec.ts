import { TalliedHistogram } from './tallied-histogram.js';

const histogram = (): TalliedHistogram =>
  new TalliedHistogram({ name: 'h', help: 'what', buckets: [1, 2.5] });

const samples = (made: TalliedHistogram): string[] =>
  made
    .text()
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));

describe(TalliedHistogram.name, () => {
  it('exposes a label set from its first observation on', () => {
    const made = histogram();
    made.tally({ model: 'unused' });
    made.tally({ model: 'used' }).observe(0);

    expect(samples(made)).toEqual([
      'h_bucket{model="used",le="1"} 1',
      'h_bucket{model="used",le="2.5"} 1',
      'h_bucket{model="used",le="+Inf"} 1',
      'h_sum{model="used"} 0',
      'h_count{model="used"} 1',
    ]);
  });

  it('counts a bound into its bucket, and what is above all bounds into +Inf alone', () => {
    const made = histogram();
    const tally = made.tally({ model: 'm' });
    for (const value of [0, 1, 1.5, 2.5, 3]) tally.observe(value);
    tally.observe(2, 10);

    expect(samples(made)).toEqual([
      'h_bucket{model="m",le="1"} 2',
      'h_bucket{model="m",le="2.5"} 14',
      'h_bucket{model="m",le="+Inf"} 15',
      'h_sum{model="m"} 28',
      'h_count{model="m"} 15',
    ]);
  });

  it('says its type and help', () => {
    expect(histogram().text()).toBe('# HELP h what\n# TYPE h histogram\n');
  });

  it('needs no labels, and escapes those that it has', () => {
    const made = histogram();
    made.tally({}).observe(2);
    made.tally({ route: 'a"b\\c\nd' }).observe(2);

    expect(samples(made)).toEqual([
      'h_bucket{le="1"} 0',
      'h_bucket{le="2.5"} 1',
      'h_bucket{le="+Inf"} 1',
      'h_sum 2',
      'h_count 1',
      'h_bucket{route="a\\"b\\\\c\\nd",le="1"} 0',
      'h_bucket{route="a\\"b\\\\c\\nd",le="2.5"} 1',
      'h_bucket{route="a\\"b\\\\c\\nd",le="+Inf"} 1',
      'h_sum{route="a\\"b\\\\c\\nd"} 2',
      'h_count{route="a\\"b\\\\c\\nd"} 1',
    ]);
  });
});
