import { MAX_ROWS } from '../pipeline/prediction.js';

/** What is wrong with a call of so many rows, without its place in the request; undefined: nothing. */
export function rowCountFault(rows: number): { code: string; detail: string } | undefined {
  if (rows === 0) return { code: 'too_few_rows', detail: 'must hold at least one row' };
  if (rows <= MAX_ROWS) return undefined;
  return { code: 'too_many_rows', detail: `holds ${rows} rows; send at most ${MAX_ROWS} per call` };
}
