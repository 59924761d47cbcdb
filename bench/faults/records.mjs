import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { verifyTree } from '../../dist/journal/verify.js';

/**
 * Compares the records below `folder` with what callers were told. @returns what is wrong: an acknowledged prediction that is
 * missing or there twice, a torn line, or more records that nobody was told of than `unanswered` rows can have.
 */
export async function faultsOfRecords(folder, loads, unanswered) {
  const counts = new Map();
  for (const id of idsBelow(folder)) counts.set(id, (counts.get(id) ?? 0) + 1);
  const told = loads.flatMap(({ calls }) => calls.flatMap(({ ids }) => ids));
  const lost = told.filter((id) => !counts.has(id)).length;
  const doubled = [...counts.values()].filter((count) => count > 1).length;
  const more = counts.size - new Set(told).size;
  const { torn, faults } = await verifyTree(folder);
  return [
    ...(lost > 0 ? [`${lost} acknowledged predictions have no record`] : []),
    ...(doubled > 0 ? [`${doubled} predictions are recorded twice`] : []),
    ...(torn > 0 ? [`${torn} torn lines`] : []),
    ...(faults.length > 0 ? [`${faults.length} seals are wrong: ${JSON.stringify(faults[0])}`] : []),
    ...(more > unanswered ? [`${more} records of ${unanswered} rows without an answer`] : []),
  ];
}

function idsBelow(folder) {
  return readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith('.ndjson') && !name.endsWith('erasures.ndjson'))
    .flatMap((name) => {
      // Of a process that was killed the last line may be torn; `verifyTree` counts these.
      const lines = readFileSync(join(folder, name), 'utf8').split('\n').slice(0, -1);
      return lines.map((line) => JSON.parse(line).prediction_id);
    });
}
