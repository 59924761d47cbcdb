import { createHash, randomUUID } from 'node:crypto';
import { closeSync, openSync, readSync, unlinkSync, writeFileSync } from 'node:fs';
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
/** Where entries of a partition stand. */
interface Block {
  readonly place: number;
  readonly bytes: number;
}

/** What is made of the id that is just added. */
const entry = new Uint32Array(ENTRY_NUMBERS);

/**
 * Finds what stands twice among any number of ids, in memory that hardly grows: they are dealt out by their last byte,
 * which is random, go to a temporary file in blocks of one kind, and each kind is looked through by itself.
 */
export class IdPartitions {
  private readonly fd = openUnnamed();
  private written = 0;
  private readonly waiting = Array.from({ length: PARTITIONS }, () => ({
    numbers: new Uint32Array(WAITING * ENTRY_NUMBERS),
    length: 0,
    blocks: [] as Block[],
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
      const { blocks } = this.waiting[partition]!;
      const bytes = blocks.reduce((sum, block) => sum + block.bytes, 0);
      yield* repetitionsIn(bytes / (4 * ENTRY_NUMBERS), () => this.read(blocks));
    }
  }

  close(): void {
    closeSync(this.fd);
  }

  private write(partition: number): void {
    const from = this.waiting[partition]!;
    const bytes = 4 * from.length;
    writeFileSync(this.fd, new Uint8Array(from.numbers.buffer, 0, bytes));
    from.blocks.push({ place: this.written, bytes });
    this.written += bytes;
    from.length = 0;
  }

  private *read(blocks: readonly Block[]): Generator<Uint32Array, void> {
    const numbers = new Uint32Array(WAITING * ENTRY_NUMBERS);
    for (const { place, bytes } of blocks) {
      for (let read = 0; read < bytes;) read += readSync(this.fd, numbers, read, bytes - read, place + read);
      yield numbers.subarray(0, bytes / 4);
    }
  }
}

/** A temporary file that nobody finds, and that the system removes however this process ends. */
function openUnnamed(): number {
  const path = join(tmpdir(), `nestor-ids-${randomUUID()}`);
  const fd = openSync(path, 'wx+', 0o600);
  unlinkSync(path);
  return fd;
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
