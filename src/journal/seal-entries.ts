import { join, relative, sep } from 'node:path';
import type { AppLogger } from '../observability/app-logger.js';
import type { LinesSeal } from './written-lines.js';

/** Where the chains of seals stand, one file for each process that ever wrote records. */
export const SEALS = 'seals';
/** What was taken away, by whom and when: a chain of its own, which is no file of records. */
export const LEDGER = 'erasures.ndjson';

/** The newest line of a chain, as a later chain names it at its beginning. */
export interface Tip {
  /** Its file, below the folder of the log. */
  readonly chain: string;
  readonly head: string;
}

/** Another chain begins. */
export interface ChainBegun {
  /** The newest lines of those before it that no chain has named yet. */
  readonly after: readonly Tip[];
  /** Whether the files of builds without seals were all sealed before. */
  readonly complete: boolean;
}

/** The head of a record file, which is about to get its first line. */
export interface FileBegun {
  readonly begun: string;
  /** Number of the line before its first: not 0 where it goes on after a file that was lost. */
  readonly lines: number;
  /** What its first line has as the digest of the line before. */
  readonly last: string;
}

/** The seal of a record file, which gets no more lines. */
export interface FileSealed extends LinesSeal {
  readonly sealed: string;
  /** By whom it was written: this process, one that was killed, or one of a build that had no seals. */
  readonly by: 'writer' | 'killed' | 'earlier';
}

/** Every file that was there before there were seals is sealed. */
export interface EarlierSealed {
  readonly earlier: number;
}

/** A record that was taken away but for its place. */
export interface ErasedRecord {
  /** Number of the line in its file, from 1. */
  readonly line: number;
  readonly id: string;
  /** Of the line that stood there. */
  readonly digest: string;
  /** What that line had as the digest of the line before it; null where it had none. */
  readonly previous: string | null;
}

/** In the ledger: records of a file were taken away. */
export interface RecordsErased {
  readonly erased: string;
  /** By what they were chosen: never the value. */
  readonly where: string;
  readonly by: string;
  readonly records: readonly ErasedRecord[];
}

/** In the ledger: a day of a model was removed. */
export interface DayPruned {
  readonly pruned: string;
  readonly model: string;
  readonly date: string;
  readonly files: readonly string[];
  readonly bytes: number;
  readonly by: string;
}

export type LedgerEntry = RecordsErased | DayPruned;
export type SealEntry = ChainBegun | FileBegun | FileSealed | EarlierSealed;

/** Tells of a seal, so that a copy of the application log elsewhere knows the head. */
export function tellSealed(
  logger: Pick<AppLogger, 'info'>,
  { sealed, count }: FileSealed,
  head: string | undefined,
): void {
  logger.info('record file sealed', { file: sealed, lines: count, head });
}

export function sealFolder(root: string): string {
  return join(root, SEALS);
}

/** The name of a record file in seals and in the ledger: below the folder of the log, as it is called unpacked. */
export function sealedName(root: string, path: string): string {
  return relative(root, path).split(sep).join('/').replace(/\.gz$/, '');
}
