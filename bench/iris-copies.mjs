// Many small models from one: copies of iris under other names.
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ARTIFACTS } from './machine.mjs';
import { reseal } from './version-copy.mjs';

/** Puts version 1 of a model `name` into the artifact folder `models`. @returns its folder. */
export function copyIris(models, name) {
  const version = join(models, name, '1');
  cpSync(join(ARTIFACTS, 'iris', '1'), version, { recursive: true });
  reseal(version, { model: name });
  writeFileSync(join(version, '..', 'aliases.json'), '{"champion":"1"}\n');
  return version;
}
