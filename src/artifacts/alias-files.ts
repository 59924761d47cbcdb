import { basename } from 'node:path';
import { AliasesBusy, BadRequest } from '../errors/errors.js';
import { type Aliases, readAliasesFile, replaceAliasesFile, syncFolder } from './aliases-file.js';
import { ArtifactFault } from './artifact-fault.js';
import { type CaughtUp, catchUp } from './catch-up.js';
import { diskError } from './disk-error.js';
import { FolderBusy, FolderLock } from '../files/folder-lock.js';
import { HistoryReader, type HistoryState, HistoryWriter, LINE_BYTES } from './history-file.js';
import type { AliasLine, HistoryLine } from './history.js';

/** Both files of a model at one moment. */
export interface Look extends CaughtUp {
  readonly aliases: Aliases | undefined;
  /** Why aliases.json is broken. */
  readonly fault: string | undefined;
  readonly state: HistoryState;
}

/**
 * `aliases.json` and `history.ndjson` of one model's folder, changed together.
 *
 * A change is: the line of the history but for its line feed, so that it counts for nobody; then the new aliases.json
 * by rename; then the line feed. Whoever is killed in between leaves a line that came true, which the next change
 * finishes, or one that did not, which it cuts off. Until the rename a failure undoes everything. After it the change
 * has happened; what fails then (no full disk can) is told to the caller, and finished by the next change as well.
 */
export class AliasFiles {
  private readonly reader: HistoryReader;

  constructor(private readonly folder: string) {
    this.reader = new HistoryReader(folder);
  }

  /** The last part of the folder's path. */
  get model(): string {
    return basename(this.folder);
  }

  /**
   * Looks at the history first: whoever does so while a change goes on sees a revision that is too low, and is refused
   * later, rather than one that is too high for the aliases that he saw.
   */
  async look(): Promise<Look> {
    const state = await this.reader.state();
    try {
      const aliases = await readAliasesFile(this.folder);
      return { ...catchUp(state, aliases ?? {}), aliases, fault: undefined, state };
    } catch (error) {
      if (!(error instanceof ArtifactFault)) throw error;
      return { ...catchUp(state, undefined), aliases: undefined, fault: error.message, state };
    }
  }

  async newest(limit: number): Promise<HistoryLine[]> {
    return this.reader.newest(limit);
  }

  /** Does `work` while no other caller or process can change the files. @throws AliasesBusy, ReadOnlyModels, NoSpace */
  async locked<T>(work: (lock: FolderLock) => Promise<T>): Promise<T> {
    try {
      const lock = await FolderLock.acquire(this.folder);
      try {
        return await work(lock);
      } finally {
        await lock.release();
      }
    } catch (error) {
      if (error instanceof FolderBusy) throw new AliasesBusy(this.model);
      throw diskError(this.model, error);
    }
  }

  /** Replaces aliases.json; `line` says why. */
  async replace(lock: FolderLock, aliases: Aliases, line: AliasLine): Promise<void> {
    await this.writing(lock, [line], async (writer) => {
      await writer.begin(line);
      try {
        await lock.assertHeld();
        await replaceAliasesFile(this.folder, aliases, lock.token);
      } catch (error) {
        await writer.cut().catch(() => undefined);
        throw error;
      }
      try {
        await syncFolder(this.folder);
      } finally {
        await writer.finish();
      }
    });
  }

  /** Adds lines to the history and leaves aliases.json alone. Without lines: only what the history lacks. */
  async note(lock: FolderLock, lines: readonly HistoryLine[]): Promise<void> {
    await this.writing(lock, lines, async (writer) => {
      await writer.append(lines);
      await syncFolder(this.folder);
    });
  }

  private async writing(
    lock: FolderLock,
    lines: readonly HistoryLine[],
    work: (writer: HistoryWriter) => Promise<void>,
  ): Promise<void> {
    if (lines.some((line) => Buffer.byteLength(JSON.stringify(line)) > LINE_BYTES))
      throw new BadRequest('bad_request', 'the reason is too long for a line of the history; shorten it');
    const { state, cameTrue, corrections } = await this.look();
    await lock.assertHeld();
    const writer = await HistoryWriter.open(this.folder, state.whole);
    try {
      if (cameTrue) await writer.finish(state.whole + state.torn.length);
      else if (state.torn.length > 0) await writer.cut();
      await writer.append(corrections);
      await work(writer);
    } finally {
      await writer.close();
    }
  }
}
