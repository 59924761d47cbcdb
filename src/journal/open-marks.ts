import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { newOwner } from '../files/lock-owner.js';
import { HOST } from '../files/process-owner.js';
import { makeFolder } from '../files/writable-folder.js';
import { atRecordDisk } from './disk-threads.js';
import { FILE_MODE, FOLDER_MODE, recordFolder } from './record-name.js';

/** A folder of the record tree that is none of a model. */
export const OPEN = '.open';
/** Says in a writer's folder who he is; its time is his last sign of life. */
export const OWNER = 'owner';
const RENEW_MS = 10_000;
/** After a silence this long a writer looks whether others have taken him for dead. */
export const SILENCE_MS = 30_000;

/** A record file that may be open, and who said so. */
export interface Mark {
  readonly path: string;
  readonly name: string;
  readonly writer: string;
}

/**
 * Says which record files this process has open: `<dir>/.open/<writer>/` holds `owner` and an empty file for each. So
 * whoever comes after a killed process opens those files alone, however many there are. A mark is made before its file
 * and removed after it, and a writer's name is never given twice: two containers with equal host name and process
 * number are two writers. Who takes over after a writer renames his folder, so a writer whose folder is gone was taken
 * for dead: he leaves his files, and goes on under another name.
 */
export class OpenMarks {
  protected name = newWriter();
  private files = 0;
  protected hasBegun = false;
  private owner: Buffer = Buffer.of();
  private renewing: NodeJS.Timeout | undefined;
  private isRenewing = false;
  protected signOfLife = 0;
  /** The clock of the file system, at a moment of the monotonic one. */
  private fileTime: { readonly ms: number; readonly at: number } | undefined;

  constructor(private readonly root: string) {}

  /** Where the marks of this process stand. */
  get folder(): string {
    return join(this.root, OPEN, this.name);
  }

  /** Milliseconds by the clock of the file system, which all its hosts share; undefined as long as it is not known. */
  now(): number | undefined {
    return this.fileTime && this.fileTime.ms + performance.now() - this.fileTime.at;
  }

  /** Gives signs of life from now on. */
  keepAlive(): void {
    this.renewing = setInterval(() => void this.renewOnce(), RENEW_MS).unref();
  }

  /** Makes the folder of the marks, if it is not there yet. @throws NodeJS.ErrnoException */
  begin(): void {
    if (this.hasBegun) return;
    const owner = this.introduce();
    makeFolder(this.folder, FOLDER_MODE);
    writeFileSync(join(this.folder, OWNER), owner, { mode: FILE_MODE });
    this.begun(owner);
  }

  /** As `begin`, where nobody waits on the event loop for it. */
  beginOnPool(): Promise<void> {
    return Promise.resolve(this.begin());
  }

  /** Marks a record file that is about to be made. @throws NodeJS.ErrnoException */
  add(model: string, date: string): Mark {
    if (this.hasBegun && !existsSync(this.folder)) this.lose(this.name);
    this.begin();
    const mark = this.next(model, date);
    writeFileSync(this.pathOf(mark), '', { mode: FILE_MODE });
    return mark;
  }

  /** Whether a mark still says that its file is ours. `now` is the wall clock, which counts while a machine sleeps too. */
  holds(mark: Mark, now: number): boolean {
    if (this.hasBegun && Math.abs(now - this.signOfLife) > SILENCE_MS) {
      if (existsSync(join(this.folder, OWNER))) this.signOfLife = now;
      else this.lose(this.name);
    }
    return this.isOf(mark);
  }

  /** Its file is closed and whole. A mark that stays costs the next start a look at its file. */
  remove(mark: Mark): void {
    try {
      rmSync(this.pathOf(mark), { force: true });
    } catch {
      return;
    }
  }

  /** Its file is closed, but may end in a torn line: what looks for leftovers finds it there. */
  leave(mark: Mark): void {
    try {
      const folder = join(this.folder, `left-${mark.writer}`);
      mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
      renameSync(this.pathOf(mark), join(folder, mark.name));
    } catch {
      return;
    }
  }

  /** Writes the same owner again: unlike a time that is set, the time of a write is by the clock of the file system. */
  async renew(): Promise<void> {
    if (!this.hasBegun) return;
    const { name } = this;
    try {
      const file = await open(join(this.folder, OWNER), 'r+');
      try {
        await file.write(this.owner, 0, this.owner.length, 0);
        this.fileTime = { ms: (await file.stat()).mtimeMs, at: performance.now() };
        this.signOfLife = Date.now();
      } finally {
        await file.close();
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') this.lose(name);
      throw error;
    }
  }

  /** Takes the folder away, unless a mark is left in it for the next start. */
  release(): void {
    clearInterval(this.renewing);
    this.renewing = undefined;
    try {
      if (readdirSync(this.folder).some((name) => name !== OWNER)) return;
      rmSync(join(this.folder, OWNER), { force: true });
      rmdirSync(this.folder);
    } catch {
      return;
    }
  }

  /** Goes on under another name, unless that has happened since the name was `name`. */
  protected lose(name: string): void {
    if (name !== this.name) return;
    this.hasBegun = false;
    this.name = newWriter();
  }

  /** What the file of the owner is to hold. */
  protected introduce(): Buffer {
    return Buffer.from(JSON.stringify(newOwner()));
  }

  /** The folder is there, and says that we are `owner`. */
  protected begun(owner: Buffer): void {
    this.owner = owner;
    this.hasBegun = true;
    this.signOfLife = Date.now();
  }

  /** The mark of the next file, not made yet. */
  protected next(model: string, date: string): Mark {
    const stem = `${this.name}-${++this.files}`;
    const path = join(recordFolder(this.root, model, date), `${stem}.ndjson`);
    return { path, name: `${model},${date},${stem}`, writer: this.name };
  }

  protected isOf(mark: Mark): boolean {
    return mark.writer === this.name;
  }

  private async renewOnce(): Promise<void> {
    if (this.isRenewing) return;
    this.isRenewing = true;
    await atRecordDisk(() => this.renew()).catch(() => undefined);
    this.isRenewing = false;
  }

  protected pathOf({ writer, name }: Mark): string {
    return join(this.root, OPEN, writer, name);
  }
}

/** A name for a process, which is never given again. */
export function newWriter(): string {
  return `${HOST}-${process.pid}-${randomBytes(8).toString('hex')}`;
}
