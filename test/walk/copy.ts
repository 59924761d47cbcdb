import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { atEnd } from '../support/clean-up.js';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What a fresh clone would not have. */
const LEFT_OUT = new Set([
  '.git',
  '.venv',
  '.env',
  '.kubectl',
  'node_modules',
  'predictions',
  'logs',
  'results',
  '__pycache__',
]);
const INSTALLED = ['node_modules', 'python/.venv'];

/**
 * Copies the repository, with or without its build, to a folder that is gone when the test file is done. What `npm ci`
 * and `python/setup.sh` install is linked, and never deleted with the copy.
 */
export function copyRepository({ isBuilt }: { isBuilt: boolean }): string {
  const isLeftOut = (name: string): boolean => LEFT_OUT.has(name) || (name === 'dist' && !isBuilt);
  const copy = mkdtempSync(join(tmpdir(), 'nestor-walk-'));
  atEnd(() => rmSync(copy, { recursive: true, force: true }));
  cpSync(ROOT, copy, { recursive: true, filter: (source) => !isLeftOut(basename(source)) });
  for (const folder of INSTALLED.filter((each) => existsSync(join(ROOT, each)))) {
    symlinkSync(join(ROOT, folder), join(copy, folder));
  }
  return copy;
}

/** Whether the Python package's virtual environment is there; `set-up.ts` makes it where Python 3.11 is. */
export const HAS_PACKAGE = existsSync(join(ROOT, 'python/.venv/packages.sha256'));
