import { existsSync } from 'node:fs';
import { plainName } from './record-tree.js';
import { isSameContent } from './same-content.js';

/**
 * Record files, each once: while one is packed, and where that was killed, it stands there both ways. A file comes as it is
 * by now; one that was pruned meanwhile does not come.
 * @param paths the packed one right behind the other
 * @throws NodeJS.ErrnoException if one that stands there both ways cannot be read
 */
export async function* eachOnce(paths: Iterable<string>): AsyncGenerator<string, void> {
  let last: string | undefined;
  for (const path of paths) {
    const plain = plainName(path);
    const isSecond = path !== plain && last === plain;
    if (isSecond && (!existsSync(plain) || (await isSameContent(plain, path)))) continue;
    last = path;
    if (existsSync(path)) yield path;
    // `log compress` was quicker.
    else if (existsSync(`${path}.gz`)) yield `${path}.gz`;
  }
}
