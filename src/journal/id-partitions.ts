import { createHash } from 'node:crypto';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ENTRY_NUMBERS, type Repetition, repetitionsIn } from './id-repetitions.js';

const PARTITIONS = 256;
/** Entries of a partition that wait to be written. */
const WAITING = 512;
const UUID_LENGTH = 36;
const HYPHENS = [8, 13, 18, 23];
const HYPHEN = 0x2d;
/** Value of a small hexadecimal digit by its code; undefined for all else. */
const DIGITS = Array.from({ length: 128 }, (_, code) => {
  const value = '0123456789abcdef'.indexOf(String.fromCodePoint(code));
  return value === -1 ? undefined : value;
});
/** What is made of the id that is just added. */
const entry = new Uint32Array(ENTRY_NUMBERS);

/**
 * Finds what stands twice among any number of ids, in constant memory: they are dealt out to temporary files by their last
 * byte, which is random, and each file is looked through by itself.
 */
export class IdPartitions {
  private readonly folder = mkdtempSync(join(tmpdir(), 'nestor-ids-'));
  private readonly waiting = Array.from({ length: PARTITIONS }, () => ({
    numbers: new Uint32Array(WAITING * ENTRY_NUMBERS),
    length: 0,
  }));

  /** Of an id that is no UUID, its digest is compared. */
  add(id: string, file: number, line: number): void {
    if (!readUuid(id, entry)) readDigest(id, entry);
    entry[4] = file;
    entry[5] = line;
    const partition = entry[3]! % PARTITIONS;
    const into = this.waiting[partition]!;
    for (let n = 0; n < ENTRY_NUMBERS; n++) into.numbers[into.length + n] = entry[n]!;
    into.length += ENTRY_NUMBERS;
    if (into.length === into.numbers.length) this.write(partition);
  }

  /** All of them, in no order. */
  *repetitions(): Generator<Repetition, void> {
    for (let partition = 0; partition < PARTITIONS; partition++) {
      this.write(partition);
      yield* repetitionsIn(this.path(partition));
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private write(partition: number): void {
    const into = this.waiting[partition]!;
    appendFileSync(this.path(partition), new Uint8Array(into.numbers.buffer, 0, 4 * into.length));
    into.length = 0;
  }

  private path(partition: number): string {
    return join(this.folder, String(partition));
  }
}

/** The 32 digits of a UUID as four numbers. A loop, because a record is to cost little more than to read it. */
function readUuid(id: string, into: Uint32Array): boolean {
  if (id.length !== UUID_LENGTH || HYPHENS.some((at) => id.charCodeAt(at) !== HYPHEN)) return false;
  for (let at = 0, digit = 0; at < UUID_LENGTH; at++) {
    if (HYPHENS.includes(at)) continue;
    const value = DIGITS[id.charCodeAt(at)];
    if (value === undefined) return false;
    into[digit >> 3] = (into[digit >> 3]! << 4) | value;
    digit++;
  }
  return true;
}

function readDigest(id: string, into: Uint32Array): void {
  const digest = createHash('sha256').update(id, 'utf16le').digest();
  for (let n = 0; n < 4; n++) into[n] = digest.readUInt32LE(4 * n);
}
