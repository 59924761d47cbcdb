import { hash, randomBytes, randomInt } from 'node:crypto';

/** `nst_<id>_<secret>`: a double click takes all of it, and scanners for leaked secrets know the beginning. */
const FORM = /^nst_[a-z0-9]{8}_[A-Za-z0-9_-]{43}$/;
const ID_LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

export interface NewKey {
  readonly id: string;
  /** The whole key, which is shown once and kept nowhere. */
  readonly key: string;
  readonly sha256: string;
}

/** A key of 256 random bits. */
export function newKey(): NewKey {
  const id = Array.from({ length: 8 }, () => ID_LETTERS[randomInt(ID_LETTERS.length)]).join('');
  const key = `nst_${id}_${randomBytes(32).toString('base64url')}`;
  return { id, key, sha256: digestOfKey(key) };
}

/** Whether a text could be a key; all others need not be hashed. */
export const looksLikeKey = (text: string): boolean => text.length === 56 && FORM.test(text);

/** What is kept of a key. It holds 256 random bits, so nobody finds it by trying, and a slow hash would protect nothing. */
export const digestOfKey = (key: string): string => hash('sha256', key, 'hex');
