import { newKey } from '../access/api-key.js';
import { type KeyEntry, readKeysFile } from '../access/keys-file.js';
import { changeKeysFile } from '../access/keys-file-change.js';
import { AppConfig } from '../config/app-config.js';
import { FolderBusy } from '../files/folder-lock.js';
import { StartupFault } from '../errors/startup-fault.js';
import { epochSeconds } from '../inputs/date-time.js';
import { Failure } from './failure.js';
import { entryOf, type KeyOptions } from './key-options.js';

/**
 * Runs `key create`, `key list` or `key revoke <id>`; without a file, on the one that a server with these settings reads.
 * @returns false if it is none of these, or lacks what it needs. @throws Failure
 */
export async function runKey(
  task: string | undefined,
  [id, ...more]: readonly string[],
  options: KeyOptions,
): Promise<boolean> {
  const needsId = task === 'revoke';
  if (!['create', 'list', 'revoke'].includes(task ?? '') || more.length > 0 || (id !== undefined) !== needsId)
    return false;
  try {
    const file = options.file ?? fileOfServer();
    if (task === 'create') await create(file, options);
    else if (task === 'list') list(file, options.json ?? false);
    else await revoke(file, id!);
    return true;
  } catch (error) {
    throw told(error, task!);
  }
}

function fileOfServer(): string {
  const { apiKeysFile } = AppConfig.load();
  if (apiKeysFile === '')
    throw new Failure('no file of keys is named: give --file keys.json, or set API_KEYS_FILE', 2);
  return apiKeysFile;
}

/** Prints the key alone on standard output, so that it can be written to a file. */
async function create(file: string, options: KeyOptions): Promise<void> {
  const said = entryOf(options);
  let made = newKey();
  const isNew = await changeKeysFile(file, (keys) => {
    while (keys.some(({ id }) => id === made.id)) made = newKey();
    return [...keys, { id: made.id, sha256: made.sha256, ...said }];
  });
  process.stdout.write(`${made.key}\n`);
  process.stderr.write(
    [
      `nestor: key ${made.id} of ${said.name} (${said.scopes.join(', ')}) is in ${file}; it is shown this once`,
      isNew
        ? `nestor: servers that are started with AUTH=required and API_KEYS_FILE=${file} know it`
        : 'nestor: running servers know it within 5 seconds',
      '',
    ].join('\n'),
  );
}

function list(file: string, asJson: boolean): void {
  const keys = readKeysFile(file);
  if (asJson) {
    const shown = keys.map((key) => ({ ...key, sha256: undefined }));
    process.stdout.write(`${JSON.stringify({ keys: shown }, null, 2)}\n`);
    return;
  }
  for (const key of keys) process.stdout.write(`${lineOf(key)}\n`);
  if (keys.length === 0) process.stderr.write(`nestor: ${file} has no keys\n`);
}

function lineOf({ id, name, scopes, models, rate, burst, expires }: KeyEntry): string {
  const isOver = expires !== undefined && 1_000 * epochSeconds(expires) <= Date.now();
  return [
    id,
    name,
    scopes.join(','),
    models === undefined ? 'all models' : `models ${models.join(',') || 'none'}`,
    rate === undefined ? '' : `${rate} rows/s, at most ${burst ?? 2 * rate} at once`,
    expires === undefined ? '' : `${isOver ? 'expired' : 'until'} ${expires}`,
  ]
    .filter((part) => part !== '')
    .join('  ');
}

async function revoke(file: string, id: string): Promise<void> {
  let revoked: KeyEntry | undefined;
  // As it is, a file that is missing has nothing to revoke, and none is made.
  readKeysFile(file);
  await changeKeysFile(file, (keys) => {
    revoked = keys.find((key) => key.id === id);
    if (revoked === undefined)
      throw new Failure(`${file} has no key ${id}; see the ids by nestor key list --file ${file}`);
    return keys.filter((key) => key !== revoked);
  });
  process.stdout.write(`key ${id} of ${revoked!.name} is revoked: servers refuse it within 5 seconds\n`);
}

/** A refusal in a line. */
function told(error: unknown, task: string): unknown {
  if (error instanceof StartupFault && error.faults.length === 1) {
    const [{ what, mend }] = error.faults as [{ what: string; mend: string }];
    return new Failure(`${what}; ${mend}`);
  }
  if (error instanceof FolderBusy) return new Failure(error.message);
  if ((error as NodeJS.ErrnoException).syscall !== undefined)
    return new Failure(`key ${task} changed nothing: ${(error as Error).message}`);
  return error;
}
