import { Header } from 'tar/header';
import { Pax } from 'tar/pax';
import { InvalidArchive } from './archive-errors.js';
import { ByteReader } from './byte-reader.js';
import type { EntryKind } from './entry-names.js';

const BLOCK = 512;
/** Headers about an entry (its long name, its attributes) are held in memory and parsed at once: so many bytes each, … */
const MAX_ABOUT_BYTES = 16_384;
/** … so many of them before an entry, … */
const MAX_ABOUT = 4;
/** … and so many bytes in an archive. */
const MAX_ALL_ABOUT_BYTES = 1_048_576;

const KINDS: Readonly<Record<string, EntryKind>> = { File: 'file', OldFile: 'file', Directory: 'folder' };

/** A file or folder in a tar. The name is as it stands there; `body` is read to its end before the next is asked for. */
export interface TarEntry {
  readonly name: string;
  readonly kind: EntryKind;
  readonly size: number;
  readonly body: AsyncIterable<Buffer>;
}

interface EntryHeader {
  readonly name: string;
  readonly size: number;
  readonly type: string;
}

/** Reads a tar from its first byte to its last: ustar, pax and GNU's long names. */
export class TarReader {
  private readonly bytes: ByteReader;
  private aboutLeft = MAX_ALL_ABOUT_BYTES;

  constructor(tar: AsyncIterable<Buffer>) {
    this.bytes = new ByteReader(tar);
  }

  /** @throws InvalidArchive: no tar, damaged, cut off, or with an entry that is neither file nor folder. */
  async *entries(): AsyncGenerator<TarEntry> {
    for (;;) {
      const header = await this.nextHeader();
      if (header === undefined) break;
      const { name, size, type } = header;
      const kind = KINDS[type];
      if (kind === undefined) {
        throw InvalidArchive.entry(
          name,
          `is neither a file nor a folder (${type})`,
          'tar -h puts in files where the folder has links',
        );
      }
      yield { name, kind, size, body: this.bytes.stream(size, JSON.stringify(name)) };
      await this.bytes.take(padding(size), 'an entry');
    }
    for await (const part of this.bytes.rest()) {
      if (!isZero(part)) throw new InvalidArchive('something stands behind the end mark of the archive');
    }
  }

  /** Reads an entry's header and those about it that stand before. @returns undefined at the end mark. */
  private async nextHeader(): Promise<EntryHeader | undefined> {
    let about: Pax | undefined;
    for (let headers = 0; headers <= MAX_ABOUT; headers++) {
      const header = parse(await this.bytes.take(BLOCK, 'a header, or lacks its end mark'), about);
      if (header === undefined) return undefined;
      // An archive may have a short name in the header beside the whole one in front of it.
      const name = about?.path ?? header.path ?? '';
      const size = header.size ?? Number.NaN;
      if (!Number.isSafeInteger(size)) throw InvalidArchive.entry(name, 'has no size');
      if (!/Extended|LongPath/.test(header.type)) return { name, size, type: header.type };
      this.aboutLeft -= size;
      if (size > MAX_ABOUT_BYTES || this.aboutLeft < 0) break;
      const text = (await this.bytes.take(size, 'a header')).toString('utf8');
      await this.bytes.take(padding(size), 'a header');
      about = merged(header.type, text, about);
    }
    throw new InvalidArchive('the archive has longer names or more attributes than any version');
  }
}

/** @returns undefined for a block of zeros, the end mark. */
function parse(block: Buffer, about: Pax | undefined): Header | undefined {
  const header = decode(block, about);
  if (header.nullBlock) return undefined;
  if (header.cksumValid) return header;
  throw new InvalidArchive('the archive is no tar, or is damaged: a header has another check sum');
}

function decode(block: Buffer, about: Pax | undefined): Header {
  try {
    return new Header(block, 0, about);
  } catch (error) {
    throw new InvalidArchive(`the archive is no tar, or is damaged: ${(error as Error).message}`);
  }
}

/** What is known of the next entry after one more header about it. */
function merged(type: string, text: string, about: Pax | undefined): Pax | undefined {
  if (type === 'NextFileHasLongPath')
    return Object.assign(about ?? new Pax({}), { path: text.replace(/\0[^]*$/, '') });
  if (type === 'ExtendedHeader') return Pax.parse(text, about);
  // git archive writes a comment for all entries; a name or a size for all of them makes no sense.
  const { path, size } = Pax.parse(text);
  if (type === 'GlobalExtendedHeader' && path === undefined && size === undefined) return about;
  throw new InvalidArchive(`the archive has a header (${type}) that no version needs`);
}

const padding = (size: number): number => -size & (BLOCK - 1);
const isZero = (bytes: Buffer): boolean => bytes.equals(Buffer.alloc(bytes.length));
