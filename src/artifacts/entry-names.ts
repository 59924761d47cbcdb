import { InvalidArchive } from './archive-errors.js';

const MAX_LENGTH = 255;
const MAX_DEPTH = 8;
/** What is the same file on every disk: no letters that some fold or compose, nothing hidden, no dot or space at the end. */
const SEGMENT = /^\w(?:[\w.+@=, -]*[\w+@=-])?$/;

export type EntryKind = 'file' | 'folder';

/** The names of one archive: each is checked once, stays inside the folder, and is taken once. */
export class EntryNames {
  /** Lower case → the name as it was first spelled, and what it is. */
  private readonly taken = new Map<string, { spelled: string; kind: EntryKind }>();
  private entries = 0;

  constructor(private readonly maxEntries: number) {}

  /**
   * @returns the path below the folder, its segments joined by `/`; empty for the folder itself.
   * @throws InvalidArchive that names the entry and what is wrong with it.
   */
  claim(name: string, kind: EntryKind): string {
    if (++this.entries > this.maxEntries)
      throw new InvalidArchive(`the archive has more than ${this.maxEntries} entries`);
    const path = checkedPath(name, kind);
    if (path === '') return path;
    const segments = path.split('/');
    for (let depth = 1; depth < segments.length; depth++)
      this.take(name, segments.slice(0, depth).join('/'), 'folder');
    this.take(name, path, kind);
    return path;
  }

  /** A folder may be named again, by its own entry and by all that is in it; a file may not. */
  private take(name: string, path: string, kind: EntryKind): void {
    const first = this.taken.get(path.toLowerCase());
    if (first === undefined) {
      this.taken.set(path.toLowerCase(), { spelled: path, kind });
    } else if (first.spelled !== path) {
      throw InvalidArchive.entry(name, `differs from "${first.spelled}" in capital letters alone`);
    } else if (first.kind !== kind) {
      throw InvalidArchive.entry(name, `makes "${path}" both a file and a folder`);
    } else if (kind === 'file') {
      throw InvalidArchive.entry(name, 'is there twice');
    }
  }
}

function checkedPath(name: string, kind: EntryKind): string {
  const refused = (what: string, mend?: string): InvalidArchive => InvalidArchive.entry(name, what, mend);
  // `tar -C <folder> .` writes ./ before every name.
  let path = name.replace(/^\.(?:\/|$)/, '');
  if (path.startsWith('/')) throw refused('has an absolute name');
  if (kind === 'folder') path = path.replace(/\/$/, '');
  if (path === '' && kind === 'folder') return '';
  if (path.length > MAX_LENGTH) throw refused(`has a name of more than ${MAX_LENGTH} characters`);
  const segments = path.split('/');
  if (segments.length > MAX_DEPTH) throw refused(`lies more than ${MAX_DEPTH} folders deep`);
  if (segments.includes('..')) throw refused('leads out of the folder by ".."');
  if (segments.includes('') || segments.includes('.')) throw refused('has an empty part in its name');
  if (segments.some((segment) => segment.startsWith('.'))) {
    throw refused(
      'is hidden: its name begins with a dot',
      'leave it out (macOS: COPYFILE_DISABLE=1 keeps tar from adding such files)',
    );
  }
  if (!segments.every((segment) => SEGMENT.test(segment))) {
    throw refused(
      'has a name that not every disk can hold',
      'use letters without accents, digits and . _ - + @ = , and spaces, none of . , or space at the end',
    );
  }
  return path;
}
