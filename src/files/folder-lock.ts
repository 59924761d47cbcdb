import { link, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { isGone, newOwner, parseOwner } from './lock-owner.js';

/**
 * Every file that a lock or a change under it makes for a moment begins so, after the first that were locked: aliases. The name stays,
 * as servers of two builds may share a folder.
 */
export const LEFTOVER = '.aliases.';
const LOCK = `${LEFTOVER}lock`;
const WAIT_MS = 5_000;
/** A holder does nothing more after this long; its lock counts as left behind, to other hosts, only at twice that. */
const HOLD_MS = 5_000;
const FOREIGN_MS = 10_000;
const LEFTOVER_MS = 60_000;
const NO_LINKS = ['EPERM', 'EACCES', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'EXDEV'];

/** Somebody else holds the lock of the folder, or this process has held it for too long to be sure of it. */
export class FolderBusy extends Error {
  constructor(folder: string) {
    super(`${folder} is being changed by somebody else; try again later`);
  }
}

/**
 * The right to change a folder, held by one caller of one process at a time; a file, because Node has no flock.
 *
 * Why two never hold it. A lock file appears whole, with a token that is never used again, where none was (`link` and
 * exclusive creation fail on a name that is taken). While it lies there only two may change it: its owner, who removes
 * it, and whoever holds the *guard* of its token, who puts his own in its place by `rename`. A guard is a lock file too,
 * so one caller at a time holds it; under the guard he looks again, and does nothing unless the same token still lies
 * there and is still stale. Whoever comes late with an old token therefore finds another one and goes away. The owner
 * and the guard's holder are never at it together: a lock of this host is stale only when its process has ended, and a
 * process of another host stops by itself (`assertHeld`) long before others may take its lock for stale. What is left
 * is a process of another host that is stopped for seconds between that look and its next call, which no plain file
 * can rule out. A guard whose holder was killed is taken over in the same way, by the guard of *its* token.
 *
 * Times are compared by the clock of the file system alone, so clocks of hosts may differ.
 */
export class FolderLock {
  /** Tokens of locks that this process could not remove: nobody holds them, though their process lives. */
  private static readonly abandoned = new Set<string>();
  private readonly owner = newOwner();
  private readonly started = performance.now();
  private held = this.started;
  private fileTime = 0;
  private isStuck = false;

  private constructor(private readonly folder: string) {}

  /**
   * Waits until nobody else holds the lock of `folder`, at most five seconds.
   * @throws FolderBusy after that, or NodeJS.ErrnoException where the folder cannot be written.
   */
  static async acquire(folder: string): Promise<FolderLock> {
    const lock = new FolderLock(folder);
    try {
      await lock.writeOwn();
      while (!(await lock.take(LOCK))) {
        if (performance.now() - lock.started > WAIT_MS) throw new FolderBusy(folder);
        await after(2 + Math.random() * 10);
      }
    } catch (error) {
      lock.abandonIfStuck();
      throw error;
    } finally {
      await rm(lock.own, { force: true }).catch(() => undefined);
    }
    await lock.sweep().catch(() => undefined);
    return lock;
  }

  get token(): string {
    return this.owner.token;
  }

  /** @throws FolderBusy if the lock was held too long to be sure of it, or somebody has taken it. */
  async assertHeld(): Promise<void> {
    if (performance.now() - this.held > HOLD_MS || !(await this.isOwn(LOCK)))
      throw new FolderBusy(this.folder);
  }

  /** Never fails: what cannot be removed is known to be nobody's. */
  async release(): Promise<void> {
    await this.remove(LOCK);
    this.abandonIfStuck();
  }

  /** The file that becomes a lock by being linked to its name. */
  private get own(): string {
    return this.path(`${LEFTOVER}${this.token}`);
  }

  private path(name: string): string {
    return join(this.folder, name);
  }

  private async writeOwn(): Promise<void> {
    await writeFile(this.own, JSON.stringify(this.owner), { flag: 'wx' });
    this.fileTime = (await stat(this.own)).mtimeMs;
  }

  /** One try to own `name`: as a new file, or in the place of a stale one. */
  private async take(name: string): Promise<boolean> {
    this.held = performance.now();
    if (await this.place(name)) return true;
    const guard = await this.guardIfStale(name);
    if (guard === undefined || !(await this.take(guard))) return false;
    const copy = `${LEFTOVER}${this.token}.copy`;
    try {
      if ((await this.guardIfStale(name)) !== guard || !(await this.place(copy))) return false;
      await rename(this.path(copy), this.path(name));
      return true;
    } finally {
      await this.remove(copy);
      await this.remove(guard);
    }
  }

  /** Makes `name` ours if it is free. */
  private async place(name: string): Promise<boolean> {
    try {
      await link(this.own, this.path(name)).catch(async (error: NodeJS.ErrnoException) => {
        if (!NO_LINKS.includes(error.code ?? '')) throw error;
        await this.write(name);
      });
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    }
  }

  /** For file systems without links. A kill in between leaves a lock without a whole text, stale by its age. */
  private async write(name: string): Promise<void> {
    const file = await open(this.path(name), 'wx');
    try {
      await file.writeFile(JSON.stringify(this.owner));
    } catch (error) {
      await rm(this.path(name), { force: true });
      throw error;
    } finally {
      await file.close();
    }
  }

  /** The guard of a lock file that was left behind; undefined where the file is gone, or its owner may live. */
  private async guardIfStale(name: string): Promise<string | undefined> {
    const text = await this.read(name);
    if (text === undefined) return undefined;
    const owner = parseOwner(text);
    const isGoneHere = owner && (FolderLock.abandoned.has(owner.token) || isGone(owner));
    if (!(isGoneHere ?? (await this.age(name)) > FOREIGN_MS)) return undefined;
    return owner ? `${LOCK}.${owner.token}` : `${name}.torn`;
  }

  private async isOwn(name: string): Promise<boolean> {
    return parseOwner((await this.read(name)) ?? '')?.token === this.token;
  }

  private async remove(name: string): Promise<void> {
    try {
      if (await this.isOwn(name)) await rm(this.path(name), { force: true });
    } catch {
      this.isStuck = true;
    }
  }

  private abandonIfStuck(): void {
    if (this.isStuck) FolderLock.abandoned.add(this.token);
  }

  private async read(name: string): Promise<string | undefined> {
    return readFile(this.path(name), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
  }

  /** Milliseconds; a file from the future is from before a clock was set back, and as old as it is far away. */
  private async age(name: string): Promise<number> {
    const { mtimeMs } = await stat(this.path(name)).catch(() => ({ mtimeMs: this.now() }));
    return Math.abs(this.now() - mtimeMs);
  }

  private now(): number {
    return this.fileTime + performance.now() - this.started;
  }

  /** Removes what killed processes left behind; a living one needs none of its files for that long. */
  private async sweep(): Promise<void> {
    const names = (await readdir(this.folder)).filter((name) => name.startsWith(LEFTOVER) && name !== LOCK);
    for (const name of names) {
      if ((await this.age(name)) > LEFTOVER_MS) await rm(this.path(name), { force: true });
    }
  }
}
