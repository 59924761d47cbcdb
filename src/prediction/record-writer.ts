import type { Manifest } from '../artifacts/manifest.js';
import type { Decision } from '../inference/decoder.js';
import type { Row } from '../inputs/input-check.js';
import type { Caller } from './prediction.js';

/** A request whose rows are decided: `first` is the place of its first decision in the batch. */
interface Recorded {
  readonly rows: readonly Row[];
  readonly caller: Caller;
  readonly first: number;
  readonly durationUs: number;
}

/** Writes the records of one model version as JSON lines. The pieces that never change are made once. */
export class RecordWriter {
  private readonly model: string;
  /** The outcome's text up to the probabilities, and the key of each probability, by class. */
  private readonly outcomes = new Map<number | string, string>();
  private readonly keys: readonly string[];

  constructor({ model, version, classes = [] }: Manifest, digest: string) {
    this.model = `"model":${JSON.stringify(model)},"version":${JSON.stringify(version)},"sha256":"${digest}"`;
    this.keys = classes.map(({ label }, index) => `${index === 0 ? '' : ','}${JSON.stringify(label)}:`);
    for (const { value, label } of classes) {
      const text = `"prediction":${JSON.stringify(value)},"label":${JSON.stringify(label)},"probabilities":{`;
      this.outcomes.set(value, text);
    }
  }

  /**
   * The lines of one request, each with its line feed.
   * `time` is ISO 8601 in UTC; request id and route hold no character that JSON would escape.
   */
  lines(job: Recorded, decisions: readonly Decision[], ids: readonly string[], time: string): string {
    const { requestId, route, principal } = job.caller;
    const head = `","request_id":"${requestId}","time":"${time}",${this.model},"route":"${route}","inputs":`;
    const tail = `},"duration_us":${job.durationUs},"principal":${principal === null ? 'null' : JSON.stringify(principal)}}\n`;
    let lines = '';
    for (let row = 0; row < ids.length; row++) {
      const outputs = this.outputs(decisions[job.first + row]!);
      lines += `{"prediction_id":"${ids[row]}${head}${JSON.stringify(job.rows[row])},"outputs":{${outputs}${tail}`;
    }
    return lines;
  }

  private outputs({ outcome, probabilities }: Decision): string {
    const beginning = this.outcomes.get(outcome.prediction);
    if (beginning === undefined) return `"prediction":${outcome.prediction}`;
    let text = beginning;
    for (let index = 0; index < probabilities.length; index++)
      text += this.keys[index]! + probabilities[index]!;
    return `${text}}`;
  }
}
