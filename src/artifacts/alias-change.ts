import type { Aliases } from './aliases-file.js';

/** What the files of a model say about its aliases. */
export interface AliasesNow {
  /** Undefined without the file and where it is broken; `{}` is legal and means: no champion. */
  readonly aliases?: Aliases;
  /** Why the file is broken. */
  readonly fault?: string;
  /**
   * Lines of the history, with those that it still lacks because somebody edited the file by hand or a process was
   * killed; the next change writes them first.
   */
  readonly revision: number;
  /** What the history has as champion, where it ever had one; null: none by intent. */
  readonly lastChampion?: string | null;
}

/** Who changes something, why, and what the caller has seen before. */
export interface Order {
  readonly who: string | null;
  readonly reason: string | null;
  /** The revision that the decision was made from. */
  readonly expected: number | 'any';
  /** The champion that answers while no file names one. */
  readonly standing?: string | undefined;
}

export interface AliasChange extends Order {
  readonly alias: string;
  /** null takes the alias away. */
  readonly to: string | null;
  readonly gate: unknown;
}

export interface Deletion extends Order {
  readonly version: string;
  /** Of its `model.onnx`. */
  readonly sha256: string;
}

/** What holds after a change. */
export interface Changed {
  /** Undefined only where a deletion was noted without the file. */
  readonly aliases?: Aliases;
  readonly revision: number;
}
