import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';

const SRC = import.meta.dirname;
const roomOf = (path: string): string => relative(SRC, path).split(sep)[0]!;

/** Room → the rooms whose files its own import; specs may use whatever they test with. */
function uses(): Map<string, Set<string>> {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.includes(sep) && name.endsWith('.ts') && !name.endsWith('.spec.ts'),
  );
  const rooms = new Map<string, Set<string>>();
  for (const name of files) {
    const room = roomOf(join(SRC, name));
    const imports = readFileSync(join(SRC, name), 'utf8').matchAll(/from '(\.[^']+)'/g);
    const used = rooms.get(room) ?? new Set();
    for (const [, path] of imports) used.add(roomOf(resolve(SRC, name, '..', path!)));
    used.delete(room);
    rooms.set(room, used);
  }
  return rooms;
}

describe('the rooms of src/', () => {
  it('use each other in one direction (docs/architecture.md)', () => {
    const rooms = uses();
    // Takes away, again and again, the rooms that use none of those left; a circle is what never goes.
    for (;;) {
      const free = [...rooms].filter(([, used]) => [...used].every((room) => !rooms.has(room)));
      if (free.length === 0) break;
      for (const [room] of free) rooms.delete(room);
    }

    expect([...rooms.keys()]).toEqual([]);
  });
});
