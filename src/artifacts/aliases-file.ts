import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ArtifactFault, cannotBeRead } from './artifact-fault.js';
import { LEFTOVER } from '../files/folder-lock.js';

const FILE = 'aliases.json';
const BYTES = 65_536;
/** More than most have: a start reads those of all models at once. */
const FIRST_BYTES = 1_024;
const VERSION = /^[0-9]{1,9}$/;

/** alias → version. */
export type Aliases = Readonly<Record<string, string>>;

/**
 * What `aliases.json` of a model's folder says; undefined without the file.
 * @throws ArtifactFault if it is not a table of versions, larger than 64 KiB, or cannot be read.
 */
export async function readAliasesFile(folder: string): Promise<Aliases | undefined> {
  const bytes = await readBounded(join(folder, FILE)).catch((error: NodeJS.ErrnoException) =>
    error.code === 'ENOENT' ? undefined : cannotBeRead(FILE)(error),
  );
  if (bytes === undefined) return undefined;
  if (bytes.length > BYTES) throw new ArtifactFault(`${FILE} is larger than ${BYTES} bytes`);
  return parseAliases(bytes.toString('utf8'));
}

/** @throws ArtifactFault unless the text is a JSON object whose values are versions. */
function parseAliases(text: string): Aliases {
  try {
    const aliases = JSON.parse(text) as unknown;
    const isTable = typeof aliases === 'object' && aliases !== null && !Array.isArray(aliases);
    if (isTable && Object.values(aliases).every(isVersion)) return aliases as Aliases;
  } catch {
    // falls through to the same fault: the file is not what is written here or by the Python package
  }
  throw new ArtifactFault('aliases.json is not of the form {"champion": "1"}');
}

/** Puts a new `aliases.json` in the place of the old one, so that every reader sees one of the two whole. */
export async function replaceAliasesFile(folder: string, aliases: Aliases, token: string): Promise<void> {
  const temporary = join(folder, `${LEFTOVER}json.${token}`);
  try {
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(`${JSON.stringify(aliases)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, join(folder, FILE));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** Makes names in `folder` durable; some network file systems know no such thing and say so. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } catch (error) {
    if (!['EINVAL', 'ENOTSUP'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    await handle.close();
  }
}

/** The file's bytes; of one that has more than there may be, enough to see it. */
async function readBounded(path: string): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    let block = Buffer.alloc(FIRST_BYTES);
    for (let length = 0; ;) {
      const { bytesRead } = await file.read(block, length, block.length - length, length);
      length += bytesRead;
      if (bytesRead === 0 || length > BYTES) return block.subarray(0, length);
      if (length === block.length) block = Buffer.concat([block, Buffer.alloc(length)]);
    }
  } finally {
    await file.close();
  }
}

/** Whether a version may be called so. */
export function isVersion(value: unknown): boolean {
  return typeof value === 'string' && VERSION.test(value);
}
