import type { Aliases } from './aliases-file.js';
import type { HistoryState } from './history-file.js';
import { type AliasLine, type History, parseLine } from './history.js';

/** A history as it ought to be beside its aliases.json, and what it lacks for that. */
export interface CaughtUp {
  readonly history: History;
  /** The torn last line is a change that came true: its process was killed before the line feed. */
  readonly cameTrue: boolean;
  /** Lines about what somebody wrote into aliases.json by hand. */
  readonly corrections: readonly AliasLine[];
}

/**
 * Compares a history with aliases.json, which is the truth; one that is broken (undefined) says nothing. `previous` is
 * left out, because it follows from the champions, and so is a file that is older than its history: the first line says
 * what it begins from.
 */
export function catchUp({ history, torn }: HistoryState, aliases: Aliases | undefined): CaughtUp {
  if (aliases === undefined) return { history, cameTrue: false, corrections: [] };
  const named = new Map(Object.entries(aliases));
  const pending = pendingOf(torn);
  const cameTrue = pending !== undefined && (named.get(pending.alias) ?? null) === pending.to;
  const caughtUp = history.copy();
  if (cameTrue) caughtUp.add(pending);
  const corrections = caughtUp.lines === 0 ? [] : differences(caughtUp.named(), named);
  for (const line of corrections) caughtUp.add(line);
  return { history: caughtUp, cameTrue, corrections };
}

/** The change whose line is whole but for its line feed: a space stands where that would be. */
function pendingOf(torn: Buffer): AliasLine | undefined {
  const text = torn.toString('utf8');
  const line = text.endsWith('} ') ? parseLine(text) : undefined;
  return line && 'alias' in line ? line : undefined;
}

function differences(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): AliasLine[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((alias) => alias !== 'previous')
    .map((alias) => ({ alias, from: before.get(alias) ?? null, to: after.get(alias) ?? null }))
    .filter(({ from, to }) => from !== to)
    .map((change) => ({
      time: new Date().toISOString(),
      ...change,
      who: 'file',
      reason: 'found so in aliases.json',
      gate: null,
    }));
}
