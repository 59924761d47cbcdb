import { digestOf } from './line-digest.js';

/** Signs a text. @returns the signature in base64url */
export type Sign = (text: string) => string;

/** A line of a chain, with its line feed. */
export interface ChainedLine {
  readonly text: string;
  readonly digest: string;
}

/**
 * The line of an entry: JSON that ends in the digest of the line before it (null: it is the first), and in the signature
 * of the text without the signature, where lines are signed.
 */
export function chainedLine(entry: object, previous: string | null, sign?: Sign): ChainedLine {
  const plain = JSON.stringify({ time: new Date().toISOString(), ...entry, previous });
  const text = sign === undefined ? `${plain}\n` : `${plain.slice(0, -1)},"signature":"${sign(plain)}"}\n`;
  return { text, digest: digestOf(text) };
}

/** What was signed of a line without its line feed, and the signature; undefined where it has none. */
export function signedPart(line: string): { text: string; signature: string } | undefined {
  const [, head, signature] = /^(.*),"signature":"([\w-]+)"\}$/s.exec(line) ?? [];
  return head === undefined || signature === undefined ? undefined : { text: `${head}}`, signature };
}
