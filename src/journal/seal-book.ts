import type { KeyObject } from 'node:crypto';
import { ChainReader, type Fault } from './chain-reader.js';
import { chainsOf } from './chain-tips.js';
import type {
  ChainBegun,
  DayPruned,
  EarlierSealed,
  ErasedRecord,
  FileBegun,
  FileSealed,
  RecordsErased,
} from './seal-entries.js';

/** What the chains of a tree say of a record file. */
export interface FileWords {
  head?: FileBegun;
  seal?: FileSealed;
  /** By their lines. */
  erased?: Map<number, ErasedRecord>;
}

/** What the chains of a tree say of its record files, and what is wrong with the chains. */
export interface SealBook {
  readonly files: ReadonlyMap<string, FileWords>;
  readonly pruned: ReadonlySet<string>;
  /** Whether each file is either named here or none of ours. */
  readonly isComplete: boolean;
  readonly faults: readonly Fault[];
}

/** @param keys those who sign; @param head the digest of a line that must be there @throws NodeJS.ErrnoException */
export async function readSeals(root: string, keys?: readonly KeyObject[], head?: string): Promise<SealBook> {
  const files = new Map<string, FileWords>();
  const pruned = new Set<string>();
  const reader = new ChainReader(keys);
  let isComplete = false;
  const of = (name: string): FileWords => {
    const known = files.get(name) ?? {};
    files.set(name, known);
    return known;
  };
  for await (const chain of chainsOf(root)) {
    for (const each of reader.take(chain)) {
      const entry = each as Partial<
        ChainBegun & FileBegun & FileSealed & EarlierSealed & RecordsErased & DayPruned
      >;
      if (entry.begun !== undefined) of(entry.begun).head = entry as FileBegun;
      if (entry.sealed !== undefined) {
        const words = of(entry.sealed);
        // Two have sealed it where the second took the first for dead; neither has fewer lines than it read.
        if ((words.seal?.count ?? -1) <= entry.count!) words.seal = entry as FileSealed;
      }
      if (entry.erased !== undefined) {
        const words = of(entry.erased);
        words.erased ??= new Map();
        for (const record of entry.records ?? []) words.erased.set(record.line, record);
      }
      for (const name of (entry.pruned !== undefined && entry.files) || []) pruned.add(name);
      if (entry.earlier !== undefined || entry.complete === true) isComplete = true;
    }
  }
  reader.end(head);
  // First the lines, in their order, then what concerns a file as a whole.
  const lines = reader.faults
    .filter(({ line }) => line !== undefined)
    .toSorted((a, b) => (a.file === b.file ? a.line! - b.line! : a.file < b.file ? -1 : 1));
  const faults = [...lines, ...reader.faults.filter(({ line }) => line === undefined)];
  return { files, pruned, isComplete, faults };
}
