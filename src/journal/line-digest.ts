import { hash, randomBytes } from 'node:crypto';

/** Characters of a digest: SHA-256 in base64url, without padding. */
export const DIGEST_LENGTH = 43;

/** The digest of a line, its line feed included. A text counts as its bytes in UTF-8. */
export function digestOf(line: string | Buffer): string {
  return hash('sha256', line, 'base64url');
}

/** Stands where the digest of a line before would stand, in the first line of a file. Never the same twice. */
export function newBeginning(): string {
  return randomBytes(32).toString('base64url');
}
