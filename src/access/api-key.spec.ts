import { createHash } from 'node:crypto';
import { digestOfKey, looksLikeKey, newKey } from './api-key.js';

describe('a new key', () => {
  it('has an id and 256 random bits, and is known by its digest', () => {
    const { id, key, sha256 } = newKey();
    expect(key).toMatch(/^nst_[a-z0-9]{8}_[A-Za-z0-9_-]{43}$/);
    expect(key.slice(4, 12)).toBe(id);
    expect(Buffer.from(key.slice(13), 'base64url')).toHaveLength(32);
    expect(sha256).toBe(createHash('sha256').update(key).digest('hex'));
    expect(digestOfKey(key)).toBe(sha256);
    expect(looksLikeKey(key)).toBe(true);
  });

  it('is another one each time', () => {
    const made = Array.from({ length: 1_000 }, newKey);
    expect(new Set(made.map(({ key }) => key)).size).toBe(1_000);
    expect(new Set(made.map(({ id }) => id)).size).toBe(1_000);
  });

  it.each([
    ['another beginning', (key: string) => `key_${key.slice(4)}`],
    ['a sign less', (key: string) => key.slice(0, -1)],
    ['a sign more', (key: string) => `${key}a`],
    ['a line behind it', (key: string) => `${key.slice(0, -1)}\n`],
    ['a space in it', (key: string) => key.replace(/.$/, ' ')],
    ['large letters in its id', (key: string) => key.replace(/^nst_./, 'nst_A')],
    ['nothing', () => ''],
  ])('would be none with %s', (_, spoil) => {
    expect(looksLikeKey(spoil(newKey().key))).toBe(false);
  });
});
