import type { FastifyReply } from 'fastify';
import type { Prediction } from '../../pipeline/prediction.js';
import { CollectedReply } from '../collected-reply.js';
import type { Properties } from './call-arguments.js';
import { refuse } from './flat-faults.js';

/** Sends what `bodyOf` makes of the prediction, and faults of the arguments as DEEPaaS does. */
export class FlatReply extends CollectedReply {
  constructor(
    private readonly answer: FastifyReply,
    bodyOf: (predictions: readonly Prediction[]) => unknown,
    private readonly properties: Properties,
  ) {
    super(answer, bodyOf);
  }

  override fail(error: unknown): void {
    refuse(this.answer, error, this.properties);
  }
}
