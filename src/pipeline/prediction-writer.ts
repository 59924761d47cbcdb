import type { Manifest } from '../artifacts/manifest.js';
import type { Row } from '../inputs/input-check.js';
import type { Warning } from '../inputs/training-range.js';
import type { Caller } from './prediction.js';

/** Version of the form of a record. A field that is added leaves it as it is; one that goes or changes its meaning does not. */
const SCHEMA = 1;

/** The parts of a record that are the same for every row of a request. */
export interface RecordFrame {
  readonly head: string;
  readonly tail: string;
}

/**
 * Writes the answers and the records of one model version as JSON text. Both hold the same outcome, which is written
 * once, and the pieces that never change are made at start.
 */
export class PredictionWriter {
  private readonly names: string;
  private readonly recordModel: string;

  constructor({ model, version }: Manifest, digest: string) {
    this.names = `"model":${JSON.stringify(model)},"version":${JSON.stringify(version)}`;
    this.recordModel = `${this.names},"sha256":"${digest}"`;
  }

  /** What a typed route answers for one row. */
  answer(outcome: string, id: string, warnings: readonly Warning[] | undefined): string {
    const answer = `${outcome.slice(0, -1)},"prediction_id":"${id}",${this.names}`;
    return warnings === undefined ? `${answer}}` : `${answer},"warnings":${JSON.stringify(warnings)}}`;
  }

  /** `time` is ISO 8601 in UTC; request id and route hold no character that JSON would escape. */
  frame({ requestId, route, principal }: Caller, time: string, durationUs: number): RecordFrame {
    const head = `","request_id":"${requestId}","time":"${time}",${this.recordModel},"route":"${route}","inputs":`;
    const by = principal === null ? 'null' : JSON.stringify(principal);
    return {
      head,
      tail: `,"duration_us":${Math.round(durationUs)},"principal":${by},"schema":${SCHEMA},"seq":`,
    };
  }

  /** One line of the prediction log, with its line feed; `seq` is its number in the file. */
  record({ head, tail }: RecordFrame, outcome: string, id: string, row: Row, seq: number): string {
    return `{"prediction_id":"${id}${head}${JSON.stringify(row)},"outputs":${outcome}${tail}${seq}}\n`;
  }
}
