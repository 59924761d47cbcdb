import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { ClientGone } from '../errors/errors.js';
import { ArchiveTooLarge, InvalidArchive, UploadStalled } from './archive-errors.js';

const GZIP = Buffer.of(0x1f, 0x8b);

/** What an upload may take. */
export interface ArchiveLimits {
  /** Of the tar, packed as well as unpacked; headers count. */
  readonly maxBytes: number;
  readonly maxEntries: number;
  /** Without a byte for so long the upload ends. */
  readonly stallMs: number;
  /** The whole upload. */
  readonly timeoutMs: number;
}

/**
 * The tar that comes in by `source`, unpacked if its first bytes are those of gzip. The source is left open in any case:
 * it is a connection on which the answer still has to go out.
 * @throws ArchiveTooLarge, InvalidArchive (damaged gzip), UploadStalled, ClientGone
 */
export async function* archiveBytes(source: Readable, limits: ArchiveLimits): AsyncGenerator<Buffer> {
  const packed = atMost(limits.maxBytes, arriving(source, limits));
  try {
    const head = await firstBytes(packed, GZIP.length);
    const whole = startingWith(head, packed);
    yield* head.subarray(0, GZIP.length).equals(GZIP) ? atMost(limits.maxBytes, gunzipped(whole)) : whole;
  } finally {
    // Who stops at the first bytes has not begun with the others.
    await packed.return(undefined);
  }
}

/** The chunks of `source`, each of which has to come in time. */
async function* arriving(source: Readable, { stallMs, timeoutMs }: ArchiveLimits): AsyncGenerator<Buffer> {
  const end = performance.now() + timeoutMs;
  const chunks = source.iterator({ destroyOnReturn: false }) as AsyncGenerator<Buffer>;
  try {
    for (;;) {
      const left = end - performance.now();
      if (left <= 0) throw new UploadStalled();
      const { done, value } = await within(Math.min(stallMs, left), chunks.next());
      if (done) return;
      yield value;
    }
  } finally {
    // Takes its listener off, without which nobody else could let the rest through; after a stall it ends later.
    void chunks.return(undefined).catch(() => {});
  }
}

function within<T>(ms: number, next: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new UploadStalled()), ms);
    next.then(resolve, () => reject(new ClientGone())).finally(() => clearTimeout(timer));
  });
}

async function* atMost(maxBytes: number, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let total = 0;
  for await (const chunk of chunks) {
    total += chunk.length;
    if (total > maxBytes) throw new ArchiveTooLarge(maxBytes);
    yield chunk;
  }
}

async function firstBytes(chunks: AsyncGenerator<Buffer>, length: number): Promise<Buffer> {
  let head = Buffer.of();
  while (head.length < length) {
    const { done, value } = await chunks.next();
    if (done) break;
    head = Buffer.concat([head, value]);
  }
  return head;
}

async function* startingWith(head: Buffer, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield head;
  yield* chunks;
}

async function* gunzipped(chunks: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  // The pipeline hands errors on to the stream that is read here, so there is nothing left to do in its callback.
  const tar = pipeline(Readable.from(chunks), createGunzip(), () => {});
  try {
    yield* tar as AsyncIterable<Buffer>;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code?.startsWith('Z_'))
      throw new InvalidArchive(`the gzip around the archive is damaged: ${message}`);
    throw error;
  }
}
