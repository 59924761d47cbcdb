import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { chainsOf, parsed } from './chain-tips.js';
import { OPEN, type OpenMarks } from './open-marks.js';
import { markedPath } from './record-name.js';
import { isRecordFile, plainName } from './record-tree.js';
import { sealAsFound } from './seal-by-reading.js';
import type { SealChain } from './seal-chain.js';
import {
  type ChainBegun,
  type EarlierSealed,
  type FileBegun,
  type FileSealed,
  sealedName,
} from './seal-entries.js';

/** Of a file without a mark nothing is known but when it was written to last. */
const UNTOUCHED_MS = 600_000;

/** What the chains of a tree say of its files. */
interface Known {
  readonly begun: ReadonlySet<string>;
  readonly sealed: ReadonlySet<string>;
  /** Whether the files of builds without seals were sealed; a file that no chain names is none of ours from then on. */
  readonly isComplete: boolean;
}

/**
 * Seals files that nobody marks and nobody has sealed, when they were not written to for ten minutes: those of builds that
 * had no seals, once, and those of a killed process where somebody took the folder of the marks away.
 */
export class UnsealedFiles {
  private isOver = false;
  private isClosed = false;

  constructor(
    private readonly root: string,
    private readonly marks: OpenMarks,
    private readonly seals: SealChain,
    private readonly told: (seal: FileSealed) => void,
  ) {}

  /** @throws NodeJS.ErrnoException where one cannot be read or sealed: the next look tries again */
  async look(): Promise<void> {
    const now = this.marks.now();
    if (this.isOver || now === undefined) return;
    try {
      await this.lookAt(now);
    } catch (error) {
      // Somebody moved or removed folders meanwhile: the next look sees more.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }

  close(): void {
    this.isClosed = true;
  }

  private async lookAt(now: number): Promise<void> {
    const { begun, sealed, isComplete } = await this.known();
    const marked = await this.marked();
    // Without a list of the tree, which may be long, where it has none of earlier builds.
    const names = isComplete ? begun : new Set([...begun, ...(await this.names())]);
    let waiting = 0;
    let earlier = 0;
    for (const name of names) {
      if (this.isClosed) return;
      const path = sealed.has(name) ? undefined : await this.pathOf(name);
      if (path === undefined || this.isOurs(path)) continue;
      const isEarlier = !begun.has(name);
      if (isEarlier && (marked.has(plainName(path)) || (await isTouched(path, now)))) waiting++;
      else if (!marked.has(plainName(path)) && !(await isTouched(path, now))) {
        await sealAsFound(this.root, path, isEarlier ? 'earlier' : 'killed', this.seals, this.told);
        if (isEarlier) earlier++;
      }
    }
    this.isOver = waiting === 0;
    if (this.isOver && !isComplete) await this.seals.appendOnPool({ earlier });
  }

  private async known(): Promise<Known> {
    const [begun, sealed] = [new Set<string>(), new Set<string>()];
    let isComplete = false;
    for await (const { text } of chainsOf(this.root)) {
      for (const line of text.split('\n').slice(0, -1)) {
        const entry = parsed(line) as Partial<ChainBegun & FileBegun & FileSealed & EarlierSealed>;
        if (entry.begun !== undefined) begun.add(entry.begun);
        if (entry.sealed !== undefined) sealed.add(entry.sealed);
        if (entry.earlier !== undefined || entry.complete === true) isComplete = true;
      }
    }
    return { begun, sealed, isComplete };
  }

  /** Of all record files in the tree. */
  private async names(): Promise<string[]> {
    const entries = await readdir(this.root, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile() && isRecordFile(entry.name))
      .map(({ parentPath, name }) => sealedName(this.root, join(parentPath, name)))
      .filter((name) => name.startsWith('model='));
  }

  /** Where a file stands, packed or not; undefined: nowhere. */
  private async pathOf(name: string): Promise<string | undefined> {
    for (const path of [join(this.root, name), join(this.root, `${name}.gz`)])
      if ((await stat(path).catch(() => undefined)) !== undefined) return path;
    return undefined;
  }

  /** Files of this process are sealed when it closes them. */
  private isOurs(path: string): boolean {
    return basename(path).startsWith(`${basename(this.marks.folder)}-`);
  }

  private async marked(): Promise<Set<string | undefined>> {
    const names = await readdir(join(this.root, OPEN), { recursive: true });
    return new Set(names.map((name) => markedPath(this.root, basename(name))));
  }
}

async function isTouched(path: string, now: number): Promise<boolean> {
  const file = await stat(path).catch(() => undefined);
  return file !== undefined && Math.abs(now - file.mtimeMs) < UNTOUCHED_MS;
}
