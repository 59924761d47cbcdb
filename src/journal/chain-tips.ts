import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf } from './line-digest.js';
import { LEDGER, sealFolder, SEALS, type ChainBegun, type Tip } from './seal-entries.js';

/** A file of lines that each have the digest of the one before. */
export interface Chain {
  /** Below the folder of the log. */
  readonly name: string;
  /** Its whole lines. */
  readonly text: string;
  /** What follows them: the beginning of a line whose writer was killed, or is about to go on. */
  readonly torn: string;
}

/** The chains of seals in a tree, and the ledger of erasures, which is one too. */
export async function* chainsOf(root: string): AsyncGenerator<Chain, void> {
  const names = await readdir(sealFolder(root)).catch(absent<string[]>([]));
  const chains = names
    .filter((each) => each.endsWith('.jsonl'))
    .toSorted()
    .map((each) => `${SEALS}/${each}`);
  for (const name of [...chains, LEDGER]) {
    const all = await readFile(join(root, name), 'utf8').catch(absent(''));
    const end = all.lastIndexOf('\n') + 1;
    if (all !== '') yield { name, text: all.slice(0, end), torn: all.slice(end) };
  }
}

/** What a chain says at its beginning: of the newest lines of all chains those that no other chain has named. */
export async function beginning(root: string): Promise<ChainBegun> {
  const tips: Tip[] = [];
  let complete = false;
  const named = new Set<string>();
  for await (const { name: chain, text } of chainsOf(root)) {
    if (text === '') continue;
    complete ||= /"(?:earlier":\d|complete":true)/.test(text);
    const { after } = parsed(text.slice(0, text.indexOf('\n'))) as Partial<ChainBegun>;
    for (const { head } of after ?? []) named.add(head);
    tips.push({ chain, head: digestOf(text.slice(text.lastIndexOf('\n', text.length - 2) + 1)) });
  }
  return { after: tips.filter(({ head }) => !named.has(head)), complete };
}

/** What a line says; nothing where somebody has spoilt it, which `log verify` tells. */
export function parsed(line: string): object {
  try {
    return (JSON.parse(line) ?? {}) as object;
  } catch {
    return {};
  }
}

function absent<T>(instead: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code === 'ENOENT') return instead;
    throw error;
  };
}
