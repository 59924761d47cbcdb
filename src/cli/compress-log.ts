import { compressTree } from '../journal/compress.js';
import { megabytes } from './prune-log.js';

/** Packs the files of past days, and says what that saved. @returns 0, or 1 if a file had to stay as it was. */
export async function compressLog(root: string): Promise<number> {
  let [files, bytes, packed, kept] = [0, 0, 0, 0];
  for await (const step of compressTree(root)) {
    if ('kept' in step) {
      kept++;
      process.stderr.write(`nestor: kept ${step.path}: ${step.kept}\n`);
    } else {
      files++;
      bytes += step.bytes;
      packed += step.packed;
    }
  }
  process.stdout.write(`packed ${files} files: ${megabytes(bytes)} are now ${megabytes(packed)}\n`);
  return kept > 0 ? 1 : 0;
}
