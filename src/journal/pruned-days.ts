import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Not `.ndjson`, which is how records are found. */
const NAME = 'pruned.jsonl';

/** A day of a model whose records were removed: ids of that day are gone, and not unknown. */
export interface PrunedDay {
  readonly model: string;
  readonly date: string;
  readonly files: number;
  readonly bytes: number;
}

/** Writes a day down, before its files go. */
export function notePrunedDay(root: string, day: PrunedDay): void {
  const fd = openSync(join(root, NAME), 'a', 0o640);
  try {
    writeSync(fd, `${JSON.stringify({ time: new Date().toISOString(), ...day })}\n`);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** How many days of a model were removed; one that was interrupted stands there twice. */
export function prunedDays(root: string): number {
  return new Set(daysOf(root).map(([model, date]) => `${model} ${date}`)).size;
}

/** The days of which records were removed, of whatever model. */
export function prunedDates(root: string): Set<string> {
  return new Set(daysOf(root).map(([, date]) => date));
}

function daysOf(root: string): [model: string, date: string][] {
  const path = join(root, NAME);
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, model, date] = /"model":"([^"]+)","date":"([^"]+)"/.exec(line) ?? [];
      return model === undefined || date === undefined ? [] : [[model, date] as [string, string]];
    });
}
