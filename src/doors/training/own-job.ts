import { type Identity, mayUse } from '../../access/identity.js';
import { JobNotFound } from '../../training/job-errors.js';
import type { JobQueue } from '../../training/job-queue.js';

/** A job of a model that a caller's key is not for is not there for him. @throws JobNotFound, StateUnavailable */
export async function assertOwnJob(
  queue: Pick<JobQueue, 'find'>,
  identity: Identity | null,
  id: string,
): Promise<void> {
  // The others need no further question to the database.
  if (identity?.models === undefined) return;
  const { model } = await queue.find(id);
  if (!mayUse(identity, model)) throw new JobNotFound(id);
}
