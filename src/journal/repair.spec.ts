import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { withoutRoot } from '../../test/support/without-root.js';
import { StartupFault } from '../errors/startup-fault.js';
import { repairTree } from './repair.js';

const HOST = hostname().replaceAll(/[^A-Za-z0-9._-]/g, '_');
const LINES = ['{"prediction_id":"1","text":"grün 数"}\n', '{"prediction_id":"2","text":"🎈"}\n'];
const WHOLE = Buffer.from(LINES.join(''));
const LAST = Buffer.byteLength(LINES[1]!);
const { pid: deadPid } = spawnSync('true');

function tree(name: string, content: Buffer): { root: string; path: string } {
  const root = temporaryFolder();
  const path = join(root, name);
  writeFileSync(path, content);
  return { root, path };
}

/** A folder that anybody may write to, with a record file that has a mode of its own. */
function ownTree(content: Buffer, mode: number): { root: string; path: string } {
  const made = tree(`${HOST}-${deadPid}-1.ndjson`, content);
  chmodSync(made.root, 0o777);
  chmodSync(made.path, mode);
  return made;
}

describe(repairTree.name, () => {
  it.each(Array.from({ length: LAST - 1 }, (_, index) => index + 1))(
    'moves a last line aside that was torn %i bytes before its end',
    (missing) => {
      const torn = WHOLE.subarray(0, WHOLE.length - missing);
      const { root, path } = tree(`${HOST}-${deadPid}-1.ndjson`, torn);

      expect(repairTree(root)).toEqual([{ path, bytes: LAST - missing }]);
      expect(readFileSync(path, 'utf8')).toBe(LINES[0]);
      expect(readFileSync(`${path}.torn`)).toEqual(torn.subarray(Buffer.byteLength(LINES[0]!)));
      expect(repairTree(root)).toEqual([]);
    },
  );

  it.each([0, LAST])('leaves a file of whole lines alone, %i bytes shorter', (missing) => {
    const content = WHOLE.subarray(0, WHOLE.length - missing);
    const { root, path } = tree(`${HOST}-${deadPid}-1.ndjson`, content);

    expect(repairTree(root)).toEqual([]);
    expect(readFileSync(path)).toEqual(content);
    expect(existsSync(`${path}.torn`)).toBe(false);
  });

  it.each([1, 65_535, 65_536, 65_537, 200_000])(
    'finds the last whole line over a torn one of %i bytes',
    (length) => {
      const { root, path } = tree(
        `${HOST}-${deadPid}-1.ndjson`,
        Buffer.concat([WHOLE, Buffer.alloc(length, 'x')]),
      );

      expect(repairTree(root)).toEqual([{ path, bytes: length }]);
      expect(readFileSync(path)).toEqual(WHOLE);
    },
  );

  it('empties a file that holds a torn line alone', () => {
    const { root, path } = tree(`${HOST}-${deadPid}-1.ndjson`, Buffer.from('{"pred'));
    repairTree(root);

    expect(readFileSync(path, 'utf8')).toBe('');
  });

  it('repairs the file of a predecessor with our own pid: a restarted container', () => {
    const { root, path } = tree(`${HOST}-${process.pid}-1.ndjson`, WHOLE.subarray(0, -1));

    expect(repairTree(root)).toEqual([{ path, bytes: LAST - 1 }]);
  });

  it.each([
    ['a living process', `${HOST}-${process.ppid}-1.ndjson`],
    ['another host, touched a moment ago', 'elsewhere-1-1.ndjson'],
    ['nobody we know', 'notes.ndjson'],
  ])('does not touch a file of %s', (_, name) => {
    const torn = WHOLE.subarray(0, -3);
    const { root, path } = tree(name, torn);

    expect(repairTree(root)).toEqual([]);
    expect(readFileSync(path)).toEqual(torn);
  });

  it('asks for no leave to write to a file of whole lines', () => {
    const { root, path } = ownTree(WHOLE, 0o444);

    expect(withoutRoot(() => repairTree(root))).toEqual([]);
    expect(readFileSync(path)).toEqual(WHOLE);
  });

  it.each([
    ['torn file that it may not write to', 'cut off', 0o444],
    ['file that it may not read', 'look for', 0o000],
  ])('names a %s, and leaves it alone', (_, task, mode) => {
    const torn = WHOLE.subarray(0, -3);
    const { root, path } = ownTree(torn, mode);

    expect(() => withoutRoot(() => repairTree(root))).toThrow(
      new StartupFault([
        {
          what: `record file ${path} cannot be opened to ${task} a torn last line: EACCES: permission denied, open '${path}'`,
          mend: 'let the process read and write that file',
        },
      ]),
    );
    chmodSync(path, 0o600);
    expect(readFileSync(path)).toEqual(torn);
    expect(existsSync(`${path}.torn`)).toBe(false);
  });

  it('repairs the file of another host that nobody has touched for an hour', () => {
    const { root, path } = tree('elsewhere-1-1.ndjson', WHOLE.subarray(0, -3));
    const hourAgo = Date.now() / 1000 - 3_600;
    utimesSync(path, hourAgo, hourAgo);

    expect(repairTree(root)).toHaveLength(1);
  });
});
