// Many small models from one: copies of iris under other names.
import { createHash } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ARTIFACTS } from './machine.mjs';

/** Puts version 1 of a model `name` into the artifact folder `models`. @returns its folder. */
export function copyIris(models, name) {
  const version = join(models, name, '1');
  cpSync(join(ARTIFACTS, 'iris', '1'), version, { recursive: true });
  const manifest = JSON.parse(readFileSync(join(version, 'manifest.json'), 'utf8'));
  writeFileSync(join(version, 'manifest.json'), JSON.stringify({ ...manifest, model: name }));
  const sums = readdirSync(version, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'SHA256SUMS')
    .map((entry) => join(entry.parentPath, entry.name))
    .map(
      (path) =>
        `${createHash('sha256').update(readFileSync(path)).digest('hex')}  ${path.slice(version.length + 1)}\n`,
    );
  writeFileSync(join(version, 'SHA256SUMS'), sums.join(''));
  writeFileSync(join(version, '..', 'aliases.json'), '{"champion":"1"}\n');
  return version;
}
