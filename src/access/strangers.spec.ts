import { MOST_UNKNOWN, networkOf, Strangers } from './strangers.js';

/** How many unknown keys of an address are taken before one is told to wait, and for how long. */
function exhaust(
  strangers: Strangers,
  address: string,
): { readonly taken: number; readonly seconds: number } {
  for (let taken = 0; ; taken++) {
    const seconds = strangers.add(address);
    if (seconds !== undefined) return { taken, seconds };
  }
}

describe(Strangers.name, () => {
  it('takes so many unknown keys of an address in a minute', () => {
    let now = 5_000;
    const strangers = new Strangers(false, () => now);
    expect(exhaust(strangers, '10.0.0.7')).toEqual({ taken: MOST_UNKNOWN, seconds: 60 });
    expect(exhaust(strangers, '10.0.0.8').taken).toBe(MOST_UNKNOWN);
    now += 59_999;
    expect(exhaust(strangers, '10.0.0.7')).toEqual({ taken: 0, seconds: 1 });
    now += 1;
    expect(exhaust(strangers, '10.0.0.7').taken).toBe(MOST_UNKNOWN);
  });

  it('counts what came to other workers', () => {
    const [one, other, alone] = [true, true, false].map((isShared) => new Strangers(isShared, () => 0)) as [
      Strangers,
      Strangers,
      Strangers,
    ];
    for (let key = 0; key < 20; key++) one.add('10.0.0.7');
    other.hear(one.tell());
    expect(exhaust(other, '10.0.0.7').taken).toBe(MOST_UNKNOWN - 20);
    expect([one.tell(), other.tell().length]).toEqual([[], MOST_UNKNOWN - 20]);
    alone.add('10.0.0.7');
    expect(alone.tell()).toEqual([]);
  });

  it('tells no more of a flood than so much at a time', () => {
    const strangers = new Strangers(true, () => 0);
    for (let key = 0; key < 5_000; key++) strangers.add(`10.2.${key >> 8}.${key & 255}`);
    expect(strangers.tell().length).toBe(1_024);
  });

  it('takes an IPv6 network for one address', () => {
    const strangers = new Strangers(false, () => 0);
    exhaust(strangers, '2001:db8:1:2::1');
    expect(exhaust(strangers, '2001:db8:1:2:ffff::7').taken).toBe(0);
    expect(exhaust(strangers, '2001:db8:1:3::1').taken).toBe(MOST_UNKNOWN);
  });

  it('tells most of many addresses apart', () => {
    const strangers = new Strangers(false, () => 0);
    const addresses = Array.from({ length: 1_000 }, (_, index) => `10.1.${index >> 8}.${index & 255}`);
    for (const address of addresses.slice(0, 500)) exhaust(strangers, address);
    const hit = addresses.slice(500).filter((address) => strangers.add(address) !== undefined);
    // Of 65,536 counters 500 are full: four of the others are expected to share one.
    expect(hit.length).toBeLessThan(25);
  });
});

it.each([
  ['10.0.0.7', '10.0.0.7'],
  ['::ffff:10.0.0.7', '10.0.0.7'],
  ['::1', '0:0:0:0'],
  ['::', '0:0:0:0'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8:1:2:3:4:5::', '2001:db8:1:2'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
  ['1::2:3:4:5:6:7', '1:0:2:3'],
  ['', ''],
])('%s is of the network %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});
