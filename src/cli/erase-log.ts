import { eraseTree } from '../journal/erase.js';
import { ofInput, ofPrincipal, type Selection } from '../journal/selection.js';
import { Failure } from './failure.js';
import type { Author } from './log-author.js';

/** What `log erase` is given beside a folder. */
export interface EraseOptions {
  readonly principal?: string;
  readonly where?: string;
}

/** Erases records, and says how many. @returns 0, or 3 if a file that is still written to has some. @throws Failure */
export async function eraseFromLog(root: string, options: EraseOptions, author: Author): Promise<number> {
  const selection = selectionOf(options);
  let [records, files, kept] = [0, 0, 0];
  for await (const step of eraseTree(root, selection, author)) {
    if ('held' in step) {
      kept++;
      process.stderr.write(`nestor: kept ${step.path}: ${step.held}\n`);
    } else if (step.records > 0) {
      files++;
      records += step.records;
    }
  }
  process.stdout.write(`erased ${records} records in ${files} files\n`);
  return kept > 0 ? 3 : 0;
}

function selectionOf({ principal, where }: EraseOptions): Selection {
  const [, input, value] = /^([^=]+)=(.*)$/s.exec(where ?? '') ?? [];
  if ((principal === undefined) === (where === undefined) || (where !== undefined && input === undefined))
    throw new Failure('log erase needs either --principal <name> or --where <input>=<value>', 2);
  return principal === undefined ? ofInput(input!, value!) : ofPrincipal(principal);
}
