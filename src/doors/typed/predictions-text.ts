import type { FastifyReply } from 'fastify';
import type { CallTimes, Prediction, Reply } from '../../pipeline/prediction.js';
import { headPredictions } from '../collected-reply.js';
import { TextBuffer } from '../../pipeline/text-buffer.js';

/** About what the answer to one row takes. */
const BYTES_PER_ROW = 256;

/** Sends the text `{"predictions":[...]}`, encoded as it comes, so that 10,000 answers are not kept as objects first. */
export class PredictionsText implements Reply {
  private text = new TextBuffer();
  private separator = '';
  private id: string | undefined;
  private rows = 0;

  constructor(private readonly reply: FastifyReply) {}

  begin(rows: number): void {
    this.rows = rows;
    this.text = new TextBuffer(rows * BYTES_PER_ROW);
    this.separator = '{"predictions":[';
  }

  add(prediction: Prediction): void {
    this.text.add(this.separator + prediction.text());
    this.separator = ',';
    this.id = prediction.id;
  }

  end(times: CallTimes): void {
    this.text.add(']}');
    headPredictions(this.reply, this.rows === 1 ? this.id : undefined, times);
    void this.reply.send(this.text.take());
  }

  fail(error: unknown): void {
    void this.reply.send(error);
  }
}
