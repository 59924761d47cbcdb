import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { failCall } from '../../test/support/failing-call.js';
import { append, openLog } from '../../test/support/open-log.js';
import { readRecords, recordFiles } from '../../test/support/records.js';
import { newOwner } from '../files/lock-owner.js';
import type { PredictionLog } from './prediction-log.js';

const ended = Number(execFileSync('sh', ['-c', 'echo $$'], { encoding: 'utf8' }));
/** One start after the other: more than most tests take. */
const LONG = { timeout: 60_000 };
const CODES = ['EIO', 'ENOSPC', 'EMFILE'];

/** Records of two models, in several files. @returns the ids that were acknowledged. */
function work(log: PredictionLog): string[] {
  const acknowledged: string[] = [];
  for (let id = 0; id < 16; id++) {
    const model = 'ab'[id % 2]!;
    const line = `${JSON.stringify({ prediction_id: String(id), model, pad: 'p'.repeat(1_500) })}\n`;
    try {
      append(log, model, line, 1);
      acknowledged.push(String(id));
    } catch {
      continue;
    }
  }
  return acknowledged;
}

/** Whoever had files open is dead, and nobody has written to them for long. */
function leave(root: string): void {
  const open = join(root, '.open');
  for (const writer of existsSync(open) ? readdirSync(open) : []) {
    if (existsSync(join(open, writer, 'owner')))
      writeFileSync(join(open, writer, 'owner'), JSON.stringify({ ...newOwner(), pid: ended }));
  }
  for (const path of recordFiles(root)) utimesSync(path, 1, 1);
}

describe('a call of the file system that fails, whichever it is', () => {
  it.each(CODES)('loses no record that was acknowledged, and doubles none: %s', LONG, async (code) => {
    const names = new Set<string>();
    for (let number = 1; ; number++) {
      const { log, folder } = openLog({ PREDICTION_LOG_FILE_BYTES: '4096' });
      const failed = failCall(number, code);
      let acknowledged: string[] = [];
      try {
        acknowledged = work(log);
        log.onApplicationShutdown();
      } finally {
        failed.end();
      }
      if (failed.name === undefined) break;
      names.add(failed.name);
      leave(folder);
      const next = openLog({ PREDICTION_LOG_DIR: folder });
      await next.log.open();
      next.log.onApplicationShutdown();

      const ids = readRecords(folder).map(({ prediction_id }) => prediction_id);
      expect(ids.toSorted(), `call ${number}, ${failed.name}`).toEqual(acknowledged.toSorted());
      for (const path of recordFiles(folder)) expect(readFileSync(path, 'utf8')).toMatch(/^$|\n$/);
    }

    expect([...names]).toEqual(
      expect.arrayContaining(['openSync', 'writeSync', 'closeSync', 'writeFileSync']),
    );
  });
});
