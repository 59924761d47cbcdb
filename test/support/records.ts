import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One line of the prediction log. */
export interface PredictionRecord {
  readonly prediction_id: string;
  readonly request_id: string;
  readonly model: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly [key: string]: unknown;
}

/** Paths of the record files below `folder`, in order of name. */
export function recordFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ndjson') && name !== 'erasures.ndjson')
    .map((name) => join(folder, name))
    .toSorted();
}

/** Every record below `folder`. A line that is not JSON is an error of the test that reads it. */
export function readRecords(folder: string): PredictionRecord[] {
  return recordFiles(folder).flatMap((path) =>
    readFileSync(path, 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as PredictionRecord),
  );
}
