import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { failCall } from '../../test/support/failing-call.js';
import { watchFileCalls } from '../../test/support/file-calls.js';
import { append, appendSynced, openLog } from '../../test/support/open-log.js';
import { readRecords, recordFiles } from '../../test/support/records.js';
import { newOwner } from '../files/lock-owner.js';
import type { PredictionLog } from './prediction-log.js';

const ended = Number(execFileSync('sh', ['-c', 'echo $$'], { encoding: 'utf8' }));
/** One start after the other: more than most tests take. */
const LONG = { timeout: 60_000 };
const CODES = ['EIO', 'ENOSPC', 'EMFILE'];

const modelOf = (id: number): string => 'ab'[id % 2]!;
const lineOf = (id: number): string =>
  `${JSON.stringify({ prediction_id: String(id), model: modelOf(id), pad: 'p'.repeat(1_500) })}\n`;

/** Records of two models, in several files. @returns the ids that were acknowledged. */
function work(log: PredictionLog): string[] {
  const acknowledged: string[] = [];
  for (let id = 0; id < 16; id++) {
    try {
      append(log, modelOf(id), lineOf(id), 1);
      acknowledged.push(String(id));
    } catch {
      continue;
    }
  }
  return acknowledged;
}

/** As `work`, two calls of each model at a time. */
async function workSynced(log: PredictionLog): Promise<string[]> {
  const acknowledged: string[] = [];
  for (let first = 0; first < 16; first += 4) {
    const ids = [first, first + 1, first + 2, first + 3];
    const done = await Promise.allSettled(ids.map((id) => appendSynced(log, modelOf(id), lineOf(id))));
    acknowledged.push(...ids.filter((_, place) => done[place]!.status === 'fulfilled').map(String));
  }
  return acknowledged;
}

/** A start, as after a crash of the process, and what it finds. */
async function recordedIds(folder: string): Promise<string[]> {
  leave(folder);
  const next = openLog({ PREDICTION_LOG_DIR: folder });
  await next.log.open();
  void next.log.onApplicationShutdown();
  for (const path of recordFiles(folder)) expect(readFileSync(path, 'utf8')).toMatch(/^$|\n$/);
  return readRecords(folder).map(({ prediction_id }) => prediction_id);
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
        void log.onApplicationShutdown();
      } finally {
        failed.end();
      }
      if (failed.name === undefined) break;
      names.add(failed.name);
      const ids = await recordedIds(folder);
      expect(ids.toSorted(), `call ${number}, ${failed.name}`).toEqual(acknowledged.toSorted());
    }

    expect([...names]).toEqual(
      expect.arrayContaining(['openSync', 'writeSync', 'closeSync', 'writeFileSync']),
    );
  });

  it.each(CODES)('nor at durability synced: %s', LONG, async (code) => {
    const names = new Set<string>();
    for (let number = 1; ; number++) {
      const { log, folder } = openLog({
        PREDICTION_LOG_FILE_BYTES: '4096',
        PREDICTION_LOG_DURABILITY: 'synced',
      });
      let failed: string | undefined;
      let isHalf = false;
      const end = await watchFileCalls((call) => {
        // What goes on after a short write fails.
        if (call.number !== number && !(isHalf && call.name === 'handle.write')) return;
        failed ??= call.name;
        isHalf = call.name === 'handle.write' && call.number === number;
        if (isHalf) call.half();
        const syscall = { 'handle.sync': 'fsync', 'handle.datasync': 'fdatasync' }[call.name];
        throw Object.assign(new Error(`${code}: made up, ${call.name}`), { code, syscall });
      });
      const acknowledged = await workSynced(log);
      await log.onApplicationShutdown();
      end();
      if (failed === undefined) break;
      names.add(failed);
      expect(log.failure === undefined, `call ${number}, ${failed}`).toBe(!failed.endsWith('sync'));

      const ids = await recordedIds(folder);
      expect(ids.toSorted(), `call ${number}, ${failed}`).toEqual(acknowledged.toSorted());
    }

    expect([...names]).toEqual(
      expect.arrayContaining([
        'mkdir',
        'open',
        'handle.write',
        'handle.sync',
        'handle.datasync',
        'handle.stat',
      ]),
    );
  });
});
