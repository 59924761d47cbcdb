import { statSync } from 'node:fs';
import { LogBusy } from '../journal/ledger.js';
import { AppConfig } from '../config/app-config.js';
import { compressLog } from './compress-log.js';
import { Failure } from './failure.js';
import { eraseFromLog } from './erase-log.js';
import { findInLog } from './find-record.js';
import { logAuthor } from './log-author.js';
import { pruneLog } from './prune-log.js';
import { verifyLog, type VerifyOptions } from './verify-log.js';

/** What the commands `log …` are given beside a folder. */
export interface LogOptions extends VerifyOptions {
  readonly 'older-than'?: string;
  readonly 'dry-run'?: boolean;
  readonly principal?: string;
  readonly where?: string;
  readonly by?: string;
}

const TASKS = new Set<string | undefined>(['verify', 'prune', 'compress', 'find', 'erase']);

/** The folder of the records: the one that is given, or that a server with these settings would write to. @throws Failure */
export function recordFolder(given: string | undefined): string {
  const root = given ?? AppConfig.load().predictionLogDir;
  if (!statSync(root, { throwIfNoEntry: false })?.isDirectory())
    throw new Failure(`${root} is not a folder; give the PREDICTION_LOG_DIR of a server`, 2);
  return root;
}

/**
 * Runs `log <task> [folder]`, or `log find <id> [folder]`; without a folder, in the one that a server with these settings
 * would write to.
 * @returns the exit code, or undefined if that is no command. @throws Failure
 */
export async function runLog(
  task: string | undefined,
  given: readonly string[],
  options: LogOptions,
): Promise<number | undefined> {
  const [id = '', folder, ...more] = task === 'find' ? given : ['', ...given];
  if (!TASKS.has(task) || more.length > 0 || (task === 'find' && id === '')) return undefined;
  const root = recordFolder(folder);
  try {
    if (task === 'verify') return await verifyLog(root, options);
    if (task === 'compress') return await compressLog(root);
    if (task === 'find') return await findInLog(root, id);
    const author = logAuthor(options.by);
    if (task === 'erase') return await eraseFromLog(root, options, author);
    return await pruneLog(root, options['older-than'], options['dry-run'] ?? false, author);
  } catch (error) {
    if (error instanceof LogBusy) throw new Failure(error.message);
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    throw new Failure(`log ${task} could not be finished: ${(error as Error).message}`);
  }
}
