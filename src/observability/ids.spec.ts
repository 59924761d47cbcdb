import { newId } from './ids.js';

describe(newId.name, () => {
  it('has the form of a UUIDv7', () => {
    expect(newId()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('begins with the time, so that ids sort by it', () => {
    vi.useFakeTimers({ now: Date.UTC(2026, 10, 21) });
    const earlier = newId();
    vi.setSystemTime(Date.UTC(2026, 10, 22));
    expect(Number.parseInt(earlier.replaceAll('-', '').slice(0, 12), 16)).toBe(Date.UTC(2026, 10, 21));
    expect(earlier < newId()).toBe(true);
    vi.useRealTimers();
  });

  it('is random in every digit behind the version, but for the variant', () => {
    const ids = Array.from({ length: 20_000 }, newId);
    const digits = Array.from({ length: 21 }, (_, at) => new Set(ids.map((id) => id[15 + at])).size);
    expect(digits).toEqual([16, 16, 16, 1, 4, 16, 16, 16, 1, ...Array.from({ length: 12 }, () => 16)]);
  });

  it('never repeats', () => {
    const many = 200_000;
    expect(new Set(Array.from({ length: many }, newId)).size).toBe(many);
  });
});
