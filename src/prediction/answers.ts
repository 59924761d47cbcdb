import { TextBuffer } from '../prediction-log/text-buffer.js';
import type { Answer, Prediction } from './prediction.js';

/** The predictions themselves, for doors that have a shape of their own. */
export class PredictionList implements Answer<readonly Prediction[]> {
  private readonly predictions: Prediction[] = [];

  add(prediction: Prediction): void {
    this.predictions.push(prediction);
  }

  finish(): readonly Prediction[] {
    return this.predictions;
  }
}

/** About what the answer to one row takes. */
const BYTES_PER_ROW = 256;

/** The text `{"predictions":[...]}`, encoded row by row, so that 10,000 answers are not kept as objects first. */
export class PredictionsText implements Answer<Buffer> {
  private readonly text: TextBuffer;
  private separator = '{"predictions":[';

  constructor(rows: number) {
    this.text = new TextBuffer(rows * BYTES_PER_ROW);
  }

  add({ json }: Prediction): void {
    this.text.add(this.separator + json);
    this.separator = ',';
  }

  finish(): Buffer {
    this.text.add(']}');
    return this.text.take();
  }
}
