import type { Prediction, Reply } from '../../pipeline/prediction.js';
import { TextBuffer } from '../../pipeline/text-buffer.js';

/** About what the answer to one row takes. */
const BYTES_PER_ROW = 256;

/** The text `{"predictions":[...]}`, encoded row by row, so that 10,000 answers are not kept as objects first. */
export class PredictionsText implements Reply {
  private text = new TextBuffer();
  private separator = '';

  constructor(
    private readonly resolve: (text: Buffer) => void,
    readonly fail: (error: unknown) => void,
  ) {}

  begin(rows: number): void {
    this.text = new TextBuffer(rows * BYTES_PER_ROW);
    this.separator = '{"predictions":[';
  }

  add(prediction: Prediction): void {
    this.text.add(this.separator + prediction.text());
    this.separator = ',';
  }

  end(): void {
    this.text.add(']}');
    this.resolve(this.text.take());
  }
}
