import type { TensorSpec } from '../artifacts/manifest.js';

// What the server and a process that runs a model for it say to each other (`Frame.head`). The server asks; each question
// gets one answer, before which there is no other question.

/** Descriptors that the process is born with, beside its standard output. */
export const SOCKET = 3;
export const MODEL_FILE = 4;

/** What the process opens. */
export interface GraphSpec {
  /** SHA-256 of model.onnx, in hexadecimal, and its length. */
  readonly digest: string;
  readonly bytes: number;
  /** Names of the tensors that are given and fetched. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** What the manifest says of all tensors. */
  readonly tensors: { readonly inputs: readonly TensorSpec[]; readonly outputs: readonly TensorSpec[] };
  readonly threads: number;
}

/** The processes of one version. */
export interface ProcessPlan {
  readonly model: string;
  readonly version: string;
  readonly graph: GraphSpec;
  /** Runs at a time. */
  readonly processes: number;
  /** Most memory of each. */
  readonly memoryBytes: number;
}

export type Question = { readonly open: GraphSpec } | { readonly run: true };

export type Answer =
  /** It is open, or the tensors of this frame are the outputs, in the order that was asked for. */
  | { readonly done: true }
  /** The artifact cannot be opened, for this reason. */
  | { readonly refused: string }
  /** The runtime failed on these tensors; the next ones may be fine. */
  | { readonly failed: string };

/** Why a process has ended. `closed`: it was not needed any more. */
export const DEATH_KINDS = [
  'memory',
  'deadline',
  'killed',
  'crashed',
  'exited',
  'malformed',
  'refused',
] as const;
export type DeathKind = (typeof DEATH_KINDS)[number] | 'closed';
