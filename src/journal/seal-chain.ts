import { closeSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../files/writable-folder.js';
import { beginning } from './chain-tips.js';
import { chainedLine, type Sign } from './chained-line.js';
import { newWriter } from './open-marks.js';
import { FILE_MODE, FOLDER_MODE } from './record-name.js';
import { type ChainBegun, type SealEntry, sealFolder, SEALS } from './seal-entries.js';

/** Lines that are about to be written, and what the chain ends with then. */
export interface NextLines {
  readonly bytes: Buffer;
  readonly head: string;
}

/**
 * Heads and seals of the record files of this process, in a file of their own: `<dir>/seals/<writer>.jsonl`. Each line
 * has the digest of the line before it, and the first names the newest lines of the chains that it found. So all seals of
 * a tree hang together, and whoever knows the newest knows whether one of them was changed or taken away. The chain is one
 * for all models: it then has one newest line.
 */
export class SealChain {
  /** Of the newest line; undefined: there is none yet. */
  head: string | undefined;
  private first: ChainBegun = { after: [], complete: false };
  private file: { readonly fd: number; size: number } | undefined;
  protected name = newChain();

  constructor(
    protected readonly root: string,
    private readonly sign?: Sign,
  ) {}

  /** Reads what others have sealed. @throws NodeJS.ErrnoException */
  async begin(): Promise<void> {
    this.first = await beginning(this.root);
  }

  /** Adds a line to the chain, or nothing. @throws NodeJS.ErrnoException */
  append(entry: SealEntry): void {
    if (this.file !== undefined && fstatSync(this.file.fd).nlink === 0) this.giveUp(this.file.fd);
    if (this.file === undefined) {
      makeFolder(sealFolder(this.root), FOLDER_MODE);
      this.file = { fd: openSync(this.path, 'ax', FILE_MODE), size: 0 };
    }
    const { file } = this;
    const { bytes, head } = this.next([entry]);
    let done = 0;
    try {
      while (done < bytes.length) done += writeSync(file.fd, bytes, done);
    } catch (error) {
      if (done > 0) this.cutOff(file);
      throw error;
    }
    file.size += bytes.length;
    this.head = head;
  }

  /** As `append`, where nobody waits on the event loop for it. */
  appendOnPool(entry: SealEntry): Promise<void> {
    return Promise.resolve().then(() => this.append(entry));
  }

  /** Ends the chain. Never fails: every line is in the file. */
  close(): Promise<void> | void {
    if (this.file !== undefined) close(this.file.fd);
    this.file = undefined;
  }

  protected get path(): string {
    return join(sealFolder(this.root), this.name);
  }

  /** The lines of entries, behind the one that begins a chain where there is none yet. */
  protected next(entries: readonly SealEntry[]): NextLines {
    let head = this.head ?? null;
    const all = head === null ? [this.first, ...entries] : entries;
    const lines = all.map((entry) => {
      const line = chainedLine(entry, head, this.sign);
      head = line.digest;
      return line.text;
    });
    return { bytes: Buffer.from(lines.join('')), head: head! };
  }

  /** Goes on in another file, after one that was deleted or cannot be mended. */
  protected leave(): void {
    if (this.head !== undefined)
      this.first = { ...this.first, after: [{ chain: `${SEALS}/${this.name}`, head: this.head }] };
    this.head = undefined;
    this.name = newChain();
  }

  private cutOff(file: { readonly fd: number; readonly size: number }): void {
    try {
      ftruncateSync(file.fd, file.size);
    } catch {
      this.giveUp(file.fd);
    }
  }

  private giveUp(fd: number): void {
    this.file = undefined;
    this.leave();
    close(fd);
  }
}

function close(fd: number): void {
  try {
    closeSync(fd);
  } catch {
    return;
  }
}

function newChain(): string {
  return `${newWriter()}.jsonl`;
}
