import { globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { all } from '../../test/support/all.js';
import { keyFiles } from '../../test/support/key-files.js';
import { openLog, record } from '../../test/support/open-log.js';
import { recordFiles } from '../../test/support/records.js';
import { eraseTree } from './erase.js';
import { digestOf } from './line-digest.js';
import { LEDGER } from './seal-entries.js';
import { publicKeys, sealKey } from './seal-key.js';
import { ofPrincipal } from './selection.js';
import { verifyTree } from './verify.js';

/** `SEAL_EDITS=1000` for the figure in docs/promises.md. */
const EDITS = Number(process.env['SEAL_EDITS'] ?? 60);
const SEED = Number(process.env['SEAL_SEED'] ?? 1);

/** Mulberry32: numbers from 0 up to 1 that are the same for a seed. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below);
  };
}

/** An edit of a file, and the line that is to be named; undefined: the file as a whole. */
interface Edit {
  readonly kind: string;
  readonly path: string;
  /** Undefined: the file is removed. */
  readonly content: Buffer | undefined;
  readonly line: number | undefined;
}

const linesOf = (content: Buffer): string[] => content.toString('latin1').split(/(?<=\n)/);
const joined = (lines: readonly string[]): Buffer => Buffer.from(lines.join(''), 'latin1');
const lineAt = (content: Buffer, at: number): number =>
  content.subarray(0, at).toString('latin1').split('\n').length;

/** One of the ways in which somebody may change a record file. `others` hold what a file can be replaced by. */
function editOf(
  path: string,
  content: Buffer,
  others: readonly Buffer[],
  random: (below: number) => number,
): Edit {
  const lines = linesOf(content);
  const at = random(lines.length);
  const kinds: (() => Omit<Edit, 'path'>)[] = [
    () => {
      const place = random(content.length);
      const changed = Buffer.from(content);
      changed[place] = (changed[place]! + 1 + random(255)) % 256;
      return { kind: 'a byte changed', content: changed, line: lineAt(content, place) };
    },
    () => ({ kind: 'a line deleted', content: joined(lines.toSpliced(at, 1)), line: at + 1 }),
    () => {
      const other = (at + 1 + random(lines.length - 1)) % lines.length;
      const swapped = lines.with(at, lines[other]!).with(other, lines[at]!);
      return { kind: 'two lines swapped', content: joined(swapped), line: Math.min(at, other) + 1 };
    },
    () => {
      const place = random(content.length);
      return { kind: 'the tail cut off', content: content.subarray(0, place), line: lineAt(content, place) };
    },
    () => {
      const forged = lines[at]!.replace(/"prediction":\d+/, '"prediction":4711');
      return { kind: 'a line forged', content: joined(lines.with(at, forged)), line: at + 1 };
    },
    () => ({ kind: 'a line added', content: joined([...lines, lines[at]!]), line: lines.length + 1 }),
    () => ({ kind: 'the file deleted', content: undefined, line: undefined }),
    () => ({ kind: 'the file replaced', content: others[random(others.length)]!, line: 1 }),
  ];
  return { path, ...kinds[random(kinds.length)]!() };
}

describe('a sealed tree', () => {
  it(`tells of each of ${EDITS} random edits, and names the first line that is not as it was written`, async () => {
    const { log, folder } = openLog({ PREDICTION_LOG_FILE_BYTES: '4096' });
    await log.open();
    for (const day of ['2026-01-02', '2026-01-03']) {
      for (let batch = 0; batch < 6; batch++) {
        for (const model of ['m', 'n'])
          await record(
            log,
            model,
            Array.from({ length: 4 }, () => ({})),
            day,
          );
      }
    }
    await log.onApplicationShutdown();
    const files = recordFiles(folder).map((path): [string, Buffer] => [path, readFileSync(path)]);
    expect(files.length).toBeGreaterThan(7);
    expect((await verifyTree(folder)).faults).toEqual([]);
    const random = randomNumbers(SEED);
    const kinds = new Map<string, number>();
    for (let edit = 0; edit < EDITS; edit++) {
      const [path, content] = files[random(files.length)]!;
      const others = files.filter(([other]) => other !== path).map(([, bytes]) => bytes);
      const { kind, content: edited, line } = editOf(path, content, others, random);
      if (edited === undefined) rmSync(path);
      else writeFileSync(path, edited);
      const { faults } = await verifyTree(folder);
      writeFileSync(path, content);

      expect([kind, faults.map((fault) => ({ file: fault.file, line: fault.line }))]).toEqual([
        kind,
        [{ file: relative(folder, path), line }],
      ]);
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    }
    expect(kinds.size).toBe(8);
  });

  it('tells of each edit of a byte in the seals and in the ledger, by the key and the head', async () => {
    const { key, publicKey } = keyFiles();
    const { log, folder } = openLog({ PREDICTION_LOG_SEAL_KEY_FILE: key, PREDICTION_LOG_FILE_BYTES: '4096' });
    await log.open();
    for (let batch = 0; batch < 6; batch++)
      await record(log, 'm', [{}, {}, {}, { principal: 'kay' }], '2026-01-02');
    await log.onApplicationShutdown();
    await all(eraseTree(folder, ofPrincipal('kay'), { by: 'kim', sign: sealKey(key) }));
    const anchors = { keys: publicKeys(publicKey), head: log.head! };
    expect((await verifyTree(folder, anchors)).faults).toEqual([]);
    const random = randomNumbers(SEED);
    const chains = [join(folder, LEDGER), ...globSync(join(folder, 'seals/*'))];
    for (let edit = 0; edit < EDITS / 2; edit++) {
      const path = chains[random(chains.length)]!;
      const content = readFileSync(path);
      const place = random(content.length);
      const changed = Buffer.from(content);
      changed[place] = (changed[place]! + 1 + random(255)) % 256;
      writeFileSync(path, changed);
      const { faults } = await verifyTree(folder, anchors);
      writeFileSync(path, content);

      expect(faults[0]).toMatchObject({ file: relative(folder, path), line: lineAt(content, place) });
    }
  });

  it('tells of lines that were forged with the digests of all that follow', async () => {
    const { log, folder } = openLog();
    await log.open();
    await record(
      log,
      'm',
      Array.from({ length: 9 }, () => ({})),
    );
    await log.onApplicationShutdown();
    const [path] = recordFiles(folder);
    const lines = linesOf(readFileSync(path!));
    lines[3] = lines[3]!.replace(/"prediction":\d+/, '"prediction":4711');
    for (let at = 4; at < lines.length; at++)
      lines[at] = lines[at]!.replace(/"previous":"[^"]+"/, `"previous":"${digestOf(lines[at - 1]!)}"`);
    writeFileSync(path!, joined(lines));

    // Each of them goes with the one before: the seal alone knows better.
    expect((await verifyTree(folder)).faults).toEqual([
      { file: relative(folder, path!), line: 9, what: 'is not as it was written' },
    ]);
  });
});
