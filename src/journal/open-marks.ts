import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { newOwner } from '../files/lock-owner.js';
import { HOST } from '../files/process-owner.js';
import { makeFolder } from '../files/writable-folder.js';
import { FILE_MODE, FOLDER_MODE, recordFolder } from './record-name.js';

/** A folder of the record tree that is none of a model. */
export const OPEN = '.open';
/** Says in a writer's folder who he is; its time is his last sign of life. */
export const OWNER = 'owner';
const RENEW_MS = 10_000;
/** After a silence this long a writer looks whether others have taken him for dead. */
const SILENCE_MS = 30_000;

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
  private name = newName();
  private files = 0;
  private hasBegun = false;
  private owner = Buffer.of();
  private renewing: NodeJS.Timeout | undefined;
  private signOfLife = 0;
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
    this.renewing = setInterval(() => void this.renew().catch(() => undefined), RENEW_MS).unref();
  }

  /** Makes the folder of the marks, if it is not there yet. @throws NodeJS.ErrnoException */
  begin(): void {
    if (this.hasBegun) return;
    this.owner = Buffer.from(JSON.stringify(newOwner()));
    makeFolder(this.folder, FOLDER_MODE);
    writeFileSync(join(this.folder, OWNER), this.owner, { mode: FILE_MODE });
    this.hasBegun = true;
    this.signOfLife = Date.now();
  }

  /** Marks a record file that is about to be made. @throws NodeJS.ErrnoException */
  add(model: string, date: string): Mark {
    if (this.hasBegun && !existsSync(this.folder)) this.lose();
    this.begin();
    const stem = `${this.name}-${++this.files}`;
    const name = `${model},${date},${stem}`;
    writeFileSync(join(this.folder, name), '', { mode: FILE_MODE });
    return { path: join(recordFolder(this.root, model, date), `${stem}.ndjson`), name, writer: this.name };
  }

  /** Whether a mark still says that its file is ours. `now` is the wall clock, which counts while a machine sleeps too. */
  holds(mark: Mark, now: number): boolean {
    if (this.hasBegun && Math.abs(now - this.signOfLife) > SILENCE_MS) {
      if (existsSync(join(this.folder, OWNER))) this.signOfLife = now;
      else this.lose();
    }
    return mark.writer === this.name;
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
      if ((error as NodeJS.ErrnoException).code === 'ENOENT' && name === this.name) this.lose();
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

  private lose(): void {
    this.hasBegun = false;
    this.name = newName();
  }

  private pathOf({ writer, name }: Mark): string {
    return join(this.root, OPEN, writer, name);
  }
}

function newName(): string {
  return `${HOST}-${process.pid}-${randomBytes(8).toString('hex')}`;
}
