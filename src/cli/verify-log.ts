import type { Fault } from '../journal/chain-reader.js';
import { publicKeys } from '../journal/seal-key.js';
import { verifyTree } from '../journal/verify.js';
import { Failure } from './failure.js';

/** Faults that are listed. */
const LISTED = 20;

/** What `log verify` is given beside a folder. */
export interface VerifyOptions {
  readonly json?: boolean;
  readonly 'public-key'?: string;
  readonly head?: string;
}

/** Reports what a record tree holds. @returns 0 if it is whole and as it was written, 1 if not. @throws Failure */
export async function verifyLog(root: string, options: VerifyOptions): Promise<number> {
  const { json: asJson = false, head, 'public-key': keyFile } = options;
  const found = await verifyTree(root, {
    ...(head !== undefined && { head }),
    ...(keyFile !== undefined && { keys: keysIn(keyFile) }),
  });
  const isWhole = found.torn === 0 && found.duplicates === 0 && found.faults.length === 0;
  if (asJson) {
    process.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
    return isWhole ? 0 : 1;
  }
  const lines = [
    `${found.records} records in ${found.files} files`,
    ...Object.entries(found.models).map(([model, records]) => `  ${model}: ${records}`),
    `${found.torn} torn lines`,
    ...found.tornAt.map((place) => `  ${place}`),
    `${found.duplicates} duplicate ids`,
    ...found.duplicatesAt.map((place) => `  ${place}`),
    `${found.quarantined} torn lines moved aside at an earlier start`,
    `${found.sealed} files sealed, ${found.unsealed} not yet, ${found.earlier} from before there were seals`,
    `${found.erased} records erased`,
    `${found.faults.length} files or seals not as they were written`,
    ...found.faults.slice(0, LISTED).map((fault) => `  ${told(fault)}`),
    ...(found.pruned > 0 ? [`${found.pruned} days removed by log prune`] : []),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  return isWhole ? 0 : 1;
}

function told({ file, line, what }: Fault): string {
  return line === undefined ? `${file} ${what}` : `${file}:${line} ${what}`;
}

function keysIn(file: string): ReturnType<typeof publicKeys> {
  try {
    return publicKeys(file);
  } catch (error) {
    throw new Failure(`--public-key cannot be used: ${(error as Error).message}`, 2);
  }
}
