import { readFileSync } from 'node:fs';
import { AppConfig } from '../config/app-config.js';
import { Failure } from './failure.js';
import { Remote } from './remote.js';

/** Where a command finds the key that it shows a server; never among its arguments, which others of the machine can see. */
export interface KeyFiles {
  readonly 'key-file'?: string;
  readonly 'from-key-file'?: string;
  readonly 'to-key-file'?: string;
}

/** The server that a command calls, with the key of its file or of NESTOR_API_KEY, if there is one. @throws Failure */
export const remoteOf = (url: string, { 'key-file': file }: KeyFiles): Remote =>
  withKey(url, file === undefined ? keyOfShell() : keyOf(file, '--key-file'));

/** The two servers of `promote`. One key of the shell is not shown to both. @throws Failure */
export function remotesOf(from: string, to: string, files: KeyFiles): readonly [Remote, Remote] {
  const { 'from-key-file': source, 'to-key-file': target } = files;
  const shell = keyOfShell();
  if (
    files['key-file'] !== undefined ||
    (source === undefined && target === undefined && shell !== undefined)
  )
    throw new Failure(
      'promote calls two servers, and one key is not shown to both: give --from-key-file, --to-key-file, or both',
      2,
    );
  const keys = [
    source === undefined ? shell : keyOf(source, '--from-key-file'),
    target === undefined ? shell : keyOf(target, '--to-key-file'),
  ] as const;
  return [withKey(from, keys[0]), withKey(to, keys[1])];
}

function withKey(url: string, key: string | undefined): Remote {
  const remote = new Remote(url, key);
  if (key !== undefined && remote.isOpen)
    process.stderr.write(
      `nestor: http:// sends the key to ${remote.name} readable for whoever is on the way; use https:// outside of a network of your own\n`,
    );
  return remote;
}

const keyOfShell = (): string | undefined => {
  const { NESTOR_API_KEY: key } = AppConfig.environment();
  return key === undefined || key === '' ? undefined : checked(key, 'NESTOR_API_KEY');
};

function keyOf(path: string, option: string): string {
  try {
    return checked(readFileSync(path, 'utf8').trim(), `${option} ${path}`);
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(`${option} ${path} cannot be read: ${(error as Error).message}`, 2);
  }
}

/** @throws Failure, which does not repeat it: what is no key may be another secret */
function checked(key: string, from: string): string {
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  throw new Failure(`${from} holds no key: it must be a line such as nestor key create prints`, 2);
}
