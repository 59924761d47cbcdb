import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readAliasesFile } from './aliases-file.js';
import { ArtifactFault } from './artifact-fault.js';

const MODEL = /^[a-z0-9][a-z0-9._-]{0,62}$/;
const VERSION = /^[0-9]{1,9}$/;

/** What lies in the artifact folder under one model's name, before anything of it is trusted. */
export interface ModelFolder {
  readonly name: string;
  /** Ascending by number. */
  readonly versions: readonly string[];
  /** alias → version; `champion` is always there. */
  readonly aliases: Readonly<Record<string, string>>;
  /** Why the model as a whole is refused. */
  readonly fault?: string;
}

/**
 * Lists the models of an artifact folder in order of name. Folders whose names no model can have are passed over.
 * @throws NodeJS.ErrnoException if the folder cannot be read.
 */
export async function listModels(root: string): Promise<ModelFolder[]> {
  const names = await folders(root, MODEL);
  const models = await Promise.all(names.toSorted().map((name) => readModel(root, name)));
  return models.filter((model): model is ModelFolder => model !== undefined);
}

async function readModel(root: string, name: string): Promise<ModelFolder | undefined> {
  const versions = (await folders(join(root, name), VERSION)).toSorted((a, b) => Number(a) - Number(b));
  const highest = versions.at(-1);
  if (highest === undefined) return undefined;
  try {
    const aliases = { champion: highest, ...(await readAliasesFile(join(root, name))) };
    return { name, versions, aliases };
  } catch (error) {
    if (!(error instanceof ArtifactFault)) throw error;
    return { name, versions, aliases: { champion: highest }, fault: error.message };
  }
}

async function folders(path: string, pattern: RegExp): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory() && pattern.test(entry.name)).map(({ name }) => name);
}
