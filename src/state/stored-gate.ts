/** A report on a version beside a champion, as the state database has it; of a pair the last one. */
export interface StoredGate {
  readonly model: string;
  readonly version: string;
  /** Of its `model.onnx`. */
  readonly sha256: string;
  /** The version that it was compared with. */
  readonly champion: string;
  readonly champion_sha256: string;
  readonly verdict: string;
  /** JSON. */
  readonly report: string;
  readonly job: string;
  /** Milliseconds since 1970. */
  readonly created: number;
}
