import { verifyTree } from '../journal/verify.js';

/** Reports what a record tree holds. @returns 0 if it is whole, 1 if lines are torn or ids repeat. */
export async function verifyLog(root: string, asJson: boolean): Promise<number> {
  const found = await verifyTree(root);
  const isWhole = found.torn === 0 && found.duplicates === 0;
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
    ...(found.pruned > 0 ? [`${found.pruned} days removed by log prune`] : []),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  return isWhole ? 0 : 1;
}
