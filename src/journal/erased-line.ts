import { digestOf } from './line-digest.js';

/** What stands in the place of an erased record: the digest of its line, and its number where it had one. */
export function erasedLine(digest: string, seq: number | null): string {
  return `{"erased":"${digest}"${seq === null ? '' : `,"seq":${seq}`}}\n`;
}

const ERASED = /^\{"erased":"([\w-]{43})"(?:,"seq":(\d+))?\}$/;
const LONGEST = 80;

/** What an erased line says; undefined for any other. `end` is behind its last byte, the line feed not included. */
export function readErased(
  bytes: Buffer,
  start: number,
  end: number,
): { digest: string; seq: number | null } | undefined {
  if (end - start > LONGEST || bytes[start + 2] !== 0x65) return undefined;
  const [, digest, seq] = ERASED.exec(bytes.toString('latin1', start, end)) ?? [];
  return digest === undefined ? undefined : { digest, seq: seq === undefined ? null : Number(seq) };
}

/** The digest of the line that stands or stood in a place, its line feed included. */
export function digestAt(bytes: Buffer, start: number, end: number): string {
  return readErased(bytes, start, end)?.digest ?? digestOf(bytes.subarray(start, end + 1));
}
