import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AliasChange } from '../../src/artifacts/alias-change.js';
import { ModelAliases } from '../../src/artifacts/aliases.js';
import type { AliasLine } from '../../src/artifacts/history.js';
import { temporaryFolder } from './temporary-folder.js';

/** An order to make a version champion, whatever the revision. */
export function to(version: string | null, rest: Partial<AliasChange> = {}): AliasChange {
  const facts = { alias: 'champion', to: version, who: 'ann', reason: `to ${version}`, gate: null };
  return { ...facts, expected: 'any', ...rest };
}

/** The folder of a model "m" that had these champions, one after another. */
export async function modelFolder(champions: readonly string[] = []): Promise<string> {
  const folder = join(temporaryFolder(), 'm');
  mkdirSync(folder);
  const aliases = new ModelAliases(folder);
  for (const champion of champions) await aliases.change(to(champion));
  return folder;
}

/** The text of `aliases.json`, parsed. */
export function aliasesIn(folder: string): Record<string, string> {
  return JSON.parse(readFileSync(join(folder, 'aliases.json'), 'utf8')) as Record<string, string>;
}

/** The whole history, oldest first; every byte of it must be a line of JSON. */
export function linesIn(folder: string): AliasLine[] {
  const lines = readFileSync(join(folder, 'history.ndjson'), 'utf8').split('\n');
  if (lines.pop() !== '') throw new Error('the history ends in a torn line');
  return lines.map((line) => JSON.parse(line) as AliasLine);
}
