import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Sign } from './chained-line.js';
import { enterLedger } from './ledger.js';
import { type TakenAway, takenAway } from './taken-away.js';

/** Where builds without a ledger wrote days down. */
const EARLIER = 'pruned.jsonl';

/** A day of a model whose records were removed: ids of that day are gone, and not unknown. */
export interface PrunedDay {
  readonly model: string;
  readonly date: string;
  /** Below the folder of the log, as they are called unpacked. */
  readonly files: readonly string[];
  readonly bytes: number;
}

/** Writes a day into the ledger, before its files go. */
export function notePrunedDay(root: string, day: PrunedDay, by = 'unknown', sign?: Sign): void {
  enterLedger(root, { pruned: `model=${day.model}/date=${day.date}`, ...day, by }, sign);
}

/** How many days of a model were removed; one that was interrupted stands there twice. */
export function prunedDays(root: string): number {
  return new Set(daysOf(root).map(([model, date]) => `${model} ${date}`)).size;
}

/** The days of which records were removed, of whatever model. */
export function prunedDates(root: string): Set<string> {
  return new Set(daysOf(root).map(([, date]) => date));
}

function daysOf(root: string): TakenAway['pruned'] {
  return [...earlierDays(join(root, EARLIER)), ...takenAway(root).pruned];
}

function earlierDays(path: string): [model: string, date: string][] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, model, date] = /"model":"([^"]+)","date":"([^"]+)"/.exec(line) ?? [];
      return model === undefined || date === undefined ? [] : [[model, date] as [string, string]];
    });
}
