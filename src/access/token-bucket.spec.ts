import { TokenBucket } from './token-bucket.js';

/** A bucket and its clock. */
function bucketOf(rowsPerSecond: number, burst: number) {
  const clock = { ms: 1_000 };
  return { clock, bucket: new TokenBucket({ rowsPerSecond, burst }, () => clock.ms) };
}

/** Begins calls until one is refused. @returns how many began */
function drain(bucket: TokenBucket): number {
  let begun = 0;
  while (bucket.begin()) begun++;
  return begun;
}

describe(TokenBucket.name, () => {
  it('lets as many calls begin as the burst, and then as many as the rate', () => {
    const { clock, bucket } = bucketOf(10, 20);
    expect(drain(bucket)).toBe(20);
    expect([bucket.left, bucket.seconds]).toEqual([0, 1]);

    clock.ms += 1_000;
    expect(drain(bucket)).toBe(10);
    clock.ms += 60_000;
    expect(drain(bucket)).toBe(20);
  });

  it('has a batch paid for afterwards, however large it is', () => {
    const { clock, bucket } = bucketOf(10, 20);
    expect(bucket.begin()).toBe(true);
    bucket.pay(99);
    expect([bucket.left, bucket.seconds, bucket.begin()]).toEqual([-80, 9, false]);

    // At eight seconds all is paid for, and nothing is left yet.
    clock.ms += 8_000;
    expect([bucket.left, bucket.begin()]).toEqual([0, false]);
    clock.ms += 1_000;
    expect(drain(bucket)).toBe(10);
  });

  it('does not fill above its burst while a body is on its way', () => {
    const { clock, bucket } = bucketOf(10, 20);
    bucket.begin();
    clock.ms += 60_000;
    bucket.pay(49);
    expect(bucket.left).toBe(-29);
  });

  it('passes after the seconds that it tells, and not a second before', () => {
    for (const rate of [1, 1.5, 3, 7, 1_000]) {
      for (const rows of [1, 2, 3, 10, 29, 1_000, 12_345]) {
        const { clock, bucket } = bucketOf(rate, 2);
        drain(bucket);
        bucket.pay(rows);
        const asked = clock.ms + bucket.seconds * 1_000;
        clock.ms = asked - 1_001;
        expect(bucket.left).toBeLessThanOrEqual(0);
        clock.ms = asked;
        expect(bucket.begin()).toBe(true);
      }
    }
  });

  it('keeps what was asked for when its rate changes', () => {
    const { clock, bucket } = bucketOf(10, 20);
    drain(bucket);
    clock.ms += 500;
    bucket.change({ rowsPerSecond: 100, burst: 200 });
    expect(bucket.left).toBe(5);
    bucket.change({ rowsPerSecond: 1, burst: 2 });
    expect(bucket.left).toBe(2);
  });

  it.each([
    [10, 20, '"rows";q=20;w=2'],
    [3, 10, '"rows";q=10;w=4'],
    [1_000, 1, '"rows";q=1;w=1'],
    [1.5, 3.5, '"rows";q=3;w=3'],
  ])('tells a rate of %d with a burst of %d as %s, in whole numbers', (rate, burst, policy) => {
    expect(bucketOf(rate, burst).bucket.policy).toBe(policy);
  });
});
