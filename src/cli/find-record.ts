import { findRecord } from '../journal/record-search.js';
import { Failure } from './failure.js';

/** Prints the record of a prediction as it was written. @returns 0. @throws Failure where there is none. */
export async function findInLog(root: string, id: string): Promise<number> {
  const search = await findRecord(root, id.toLowerCase(), true);
  if (search.outcome === 'found') {
    process.stdout.write(`${search.line.toString()}\n`);
    process.stderr.write(`nestor: it stands in ${search.path}\n`);
    return 0;
  }
  throw noRecord(root, id, search.outcome);
}

/** Says why there is no record of a prediction. */
export function noRecord(root: string, id: string, outcome: 'gone' | 'unknown'): Failure {
  return new Failure(
    outcome === 'gone'
      ? `no record of ${id} is left below ${root}: it was erased, or records of its day were removed by nestor log prune`
      : `no record below ${root} has the prediction_id ${id}; an id is what a prediction is answered with, such as 01a21afe-511a-76ed-9f57-4b0bee1ba9fe`,
  );
}
