import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { type Fault, StartupFault } from '../errors/startup-fault.js';

const ASSIGNMENT = /^\s*(?:export\s+)?[^\s=#]+\s*=/;
const NOTHING = /^\s*(?:#.*)?$/;

/**
 * The settings of a `.env` file; none where there is no such file.
 * @throws StartupFault if it cannot be read, is not UTF-8, or has lines that are neither settings nor comments.
 */
export function readEnvFile(path = '.env'): Readonly<Record<string, string | undefined>> {
  const text = readText(path);
  // No setting has several lines, so each line stands for itself.
  const faults = text.split(/\r?\n/).flatMap((line, index) => faultOf(line, `line ${index + 1} of ${path}`));
  if (faults.length > 0) throw new StartupFault(faults);
  return parseEnv(text);
}

/** Without the byte order mark that some editors put before the first setting. */
function readText(path: string): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
    if (!text.includes('\0')) return text;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return '';
    if (code === 'EISDIR') {
      const mend = 'remove the folder, and put the settings into a file of that name';
      throw new StartupFault([{ what: `${path} is a folder`, mend }]);
    }
    if (code !== 'ERR_ENCODING_INVALID_ENCODED_DATA') {
      const mend = 'let the process read that file, or remove it';
      throw new StartupFault([{ what: `${path} cannot be read: ${message}`, mend }]);
    }
  }
  throw new StartupFault([{ what: `${path} is not UTF-8`, mend: 'save it as UTF-8' }]);
}

function faultOf(line: string, place: string): Fault[] {
  if (NOTHING.test(line) || ASSIGNMENT.test(line)) return [];
  // What stands behind the name may be a secret.
  const name = /^\s*([A-Z][A-Z0-9_]*)\b/.exec(line)?.[1] ?? 'KEY';
  return [{ what: `${place} is no setting`, mend: `write ${name}=value, or # before it if it is a comment` }];
}
