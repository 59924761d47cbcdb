import type { Manifest } from '../artifacts/manifest.js';
import type { Row } from '../inputs/input-check.js';
import type { Caller, Prediction } from './prediction.js';

/** The parts of a record that are the same for every row of a request. */
interface Beginning {
  readonly head: string;
  readonly tail: string;
}

/** Writes prediction records as JSON lines. The pieces that never change are made once. */
export class RecordWriter {
  private readonly model: string;

  constructor({ model, version }: Manifest, digest: string) {
    this.model = `"model":${JSON.stringify(model)},"version":${JSON.stringify(version)},"sha256":"${digest}"`;
  }

  begin({ requestId, route, principal }: Caller, time: Date, durationUs: number): Beginning {
    const head = `"request_id":"${requestId}","time":"${time.toISOString()}",${this.model},"route":"${route}","inputs":`;
    return { head, tail: `,"duration_us":${durationUs},"principal":${JSON.stringify(principal)}}\n` };
  }

  line(
    { head, tail }: Beginning,
    row: Row,
    { prediction_id, prediction, label, probabilities }: Prediction,
  ): string {
    const outputs = JSON.stringify({ prediction, label, probabilities });
    return `{"prediction_id":"${prediction_id}",${head}${JSON.stringify(row)},"outputs":${outputs}${tail}`;
  }
}
