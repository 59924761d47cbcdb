import { Failure } from './failure.js';
import { ended, type Job, lineOf } from './jobs.js';
import { modelPath, type Remote } from './remote.js';

/** How a training is asked for. */
export interface Asked {
  /** Of the training function, as JSON; undefined: its defaults. */
  readonly arguments?: string | undefined;
  /** Asked for again with the same key it is the same training. */
  readonly key?: string | undefined;
  /** Prints the job as JSON in place of a line. */
  readonly json?: boolean | undefined;
}

/**
 * Asks a server for a training and shows it until it has ended.
 * @throws Failure unless it was done and its gate has not failed
 */
export async function train(
  model: string,
  remote: Remote,
  { arguments: given, key, json }: Asked,
): Promise<void> {
  const sent = given === undefined ? {} : { arguments: parsed(given) };
  const headers = key === undefined ? {} : { 'idempotency-key': key };
  const { id } = await remote.ask<Job>('POST', `${modelPath(model)}/train`, sent, headers);
  const job = await ended(remote, id);
  if (json) process.stdout.write(`${JSON.stringify(job)}\n`);
  if (job.state !== 'done' || job.gate?.verdict === 'failed') throw new Failure(lineOf(job));
  if (!json) process.stdout.write(`${lineOf(job)}\n`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Failure(`--arguments ${text} is no JSON; give an object such as '{"trees":60}'`, 2);
  }
}
