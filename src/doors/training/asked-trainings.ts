import { Injectable } from '@nestjs/common';
import { ModelNotFound } from '../../errors/errors.js';
import { ModelRegistry } from '../../models/model-registry.js';
import type { Caller } from '../../pipeline/prediction.js';
import { JobQueue, type Submitted } from '../../training/job-queue.js';
import { Trainables } from '../../training/trainables.js';

/** Trainings that callers ask for, by whichever door: each becomes a job. */
@Injectable()
export class AskedTrainings {
  constructor(
    private readonly queue: JobQueue,
    private readonly trainables: Trainables,
    private readonly registry: ModelRegistry,
  ) {}

  /**
   * Adds a job, or finds the one that the same `key` was used for.
   * @throws InvalidInput where its runner has declared other arguments, ModelNotFound, QueueFull, IdempotencyMismatch,
   * StateUnavailable
   */
  async ask(
    model: string,
    given: Readonly<Record<string, unknown>>,
    { principal }: Caller,
    key?: string,
  ): Promise<Submitted> {
    const isDeclared = await this.trainables.check(model, given);
    if (!isDeclared && !this.registry.has(model)) throw new ModelNotFound(model);
    return this.queue.submit({
      model,
      arguments: given,
      principal: principal ?? '',
      trigger: 'request',
      key,
    });
  }
}
