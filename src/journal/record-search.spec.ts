import { mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { notePrunedDay } from './pruned-days.js';
import { findRecord, findRecords } from './record-search.js';

const NOON = Date.parse('2026-11-26T12:00:00Z');
const FOLDER = 'model=m/date=2026-11-26';

/** An id of that time; `n` makes it another one. */
function idAt(time: number, n = 0): string {
  const text = time.toString(16).padStart(12, '0');
  return `${text.slice(0, 8)}-${text.slice(8)}-7abc-8abc-${n.toString(16).padStart(12, '0')}`;
}

const lineOf = (id: string, inputs: unknown = {}): string =>
  `${JSON.stringify({ prediction_id: id, model: 'm', inputs })}\n`;

function write(root: string, path: string, ids: readonly string[], inputs?: unknown): void {
  mkdirSync(join(root, path, '..'), { recursive: true });
  const text = ids.map((id) => lineOf(id, inputs)).join('');
  writeFileSync(join(root, path), path.endsWith('.gz') ? gzipSync(text) : text);
}

/** Ids at every ten milliseconds from a time on. */
const every10ms = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, n) => idAt(from + 10 * n, n));

describe(findRecord.name, () => {
  it('finds each record of several files of several writers, whatever the length of its line', async () => {
    const root = temporaryFolder();
    const first = every10ms(NOON, 4_000);
    const second = every10ms(NOON + 40_000, 4_000);
    const other = every10ms(NOON + 5, 8_000);
    write(root, `${FOLDER}/h-1-aaaaaaaaaaaaaaaa-9.ndjson`, first, { text: 'x'.repeat(300) });
    write(root, `${FOLDER}/h-1-aaaaaaaaaaaaaaaa-10.ndjson`, second);
    write(root, `model=n/date=2026-11-26/h-2-1.ndjson`, other, { text: 'ö\n"'.repeat(2_000) });
    for (const [path, ids] of [
      [`${FOLDER}/h-1-aaaaaaaaaaaaaaaa-9.ndjson`, first],
      [`${FOLDER}/h-1-aaaaaaaaaaaaaaaa-10.ndjson`, second],
      [`model=n/date=2026-11-26/h-2-1.ndjson`, other],
    ] as const) {
      const lines = readFileSync(join(root, path), 'utf8').split('\n');
      for (const n of [0, 1, 777, 2_000, ids.length - 2, ids.length - 1]) {
        const search = await findRecord(root, ids[n]!);
        const { line, ...rest } = { line: undefined, ...search };
        expect(rest, `line ${n} of ${path}`).toEqual({ outcome: 'found', path: join(root, path) });
        expect(String(line)).toBe(lines[n]);
      }
    }
  });

  it('knows an id that is none, and one of no record, from one whose day was pruned', async () => {
    const root = temporaryFolder();
    write(root, `${FOLDER}/h-1-1.ndjson`, every10ms(NOON, 10));
    const unknown = { outcome: 'unknown' };
    for (const id of ['', 'x', '../..', '01a21afe-511a-46ed-9f57-4b0bee1ba9fe'])
      expect(await findRecord(root, id)).toEqual(unknown);
    expect(await findRecord(root, idAt(NOON + 50, 99), true)).toEqual(unknown);
    expect(await findRecord(root, idAt(NOON - 86_400_000), true)).toEqual(unknown);
    notePrunedDay(root, { model: 'm', date: '2026-11-25', files: [], bytes: 1 });
    expect(await findRecord(root, idAt(NOON - 86_400_000), true)).toEqual({ outcome: 'gone' });
    rmSync(join(root, FOLDER), { recursive: true });
    expect(await findRecord(root, idAt(NOON))).toEqual(unknown);
  });

  it('finds what a long call has written late, also in the next file or on the next day', async () => {
    const root = temporaryFolder();
    const late = [idAt(NOON - 30_000, 1), idAt(NOON - 25_000, 2)];
    write(root, `${FOLDER}/h-1-1.ndjson`, every10ms(NOON - 60_000, 6_000));
    write(root, `${FOLDER}/h-1-2.ndjson`, [late[0]!, ...every10ms(NOON, 3_000), late[1]!]);
    const midnight = Date.parse('2026-11-27T00:00:00Z');
    const beforeMidnight = idAt(midnight - 1);
    write(root, `model=m/date=2026-11-27/h-1-3.ndjson`, [...every10ms(midnight + 5, 5), beforeMidnight]);
    for (const id of [...late, beforeMidnight])
      expect(await findRecord(root, id)).toMatchObject({ outcome: 'found' });
  });

  it('reads packed files, and both forms of a file as one', async () => {
    const root = temporaryFolder();
    const ids = every10ms(NOON, 2_000);
    write(root, `${FOLDER}/h-1-1.ndjson.gz`, ids.slice(0, 1_000));
    write(root, `${FOLDER}/h-1-2.ndjson.gz`, ids.slice(1_000));
    write(root, `${FOLDER}/h-1-2.ndjson`, ids.slice(1_000));
    expect(await findRecord(root, ids[500]!)).toMatchObject({
      path: join(root, `${FOLDER}/h-1-1.ndjson.gz`),
    });
    expect(await findRecord(root, ids[1_500]!)).toMatchObject({ path: join(root, `${FOLDER}/h-1-2.ndjson`) });
  });

  it('takes no text among the inputs for an id, nor a line that is torn', async () => {
    const root = temporaryFolder();
    const wanted = idAt(NOON + 10);
    const said = `{"prediction_id":"${wanted}"}\n{"prediction_id":"${wanted}"`;
    write(root, `${FOLDER}/h-1-1.ndjson`, [idAt(NOON), idAt(NOON + 20)], { text: said });
    writeFileSync(join(root, `${FOLDER}/h-1-2.ndjson`), lineOf(wanted).trimEnd());
    expect(await findRecord(root, wanted, true)).toEqual({ outcome: 'unknown' });
  });

  it('finds by reading all what a clock that was set back has left out of order, if asked to', async () => {
    const root = temporaryFolder();
    const back = every10ms(NOON - 7_200_000, 2_000);
    write(root, `${FOLDER}/h-1-1.ndjson`, [...every10ms(NOON, 2_000), ...back], { text: 'x'.repeat(500) });
    expect(await findRecord(root, back[1_500]!)).toEqual({ outcome: 'unknown' });
    expect(await findRecord(root, back[1_500]!, true)).toMatchObject({ outcome: 'found' });
  });

  it('finds what a writer has put into one of two files that he wrote side by side', async () => {
    const root = temporaryFolder();
    const ids = Array.from({ length: 4_000 }, (_, n) => idAt(NOON + 100 * n, n));
    // As where a large call takes a second file, and both go on.
    write(
      root,
      `${FOLDER}/h-1-1.ndjson`,
      ids.filter((_, n) => n % 2 === 0 || n < 1_000),
    );
    write(
      root,
      `${FOLDER}/h-1-2.ndjson`,
      ids.filter((_, n) => n % 2 === 1 && n > 1_000),
    );
    for (const number of [1, 2]) {
      const path = join(root, `${FOLDER}/h-1-${number}.ndjson`);
      utimesSync(path, NOON / 1_000 + 400, NOON / 1_000 + 400);
    }
    for (const n of [10, 1_001, 1_002, 3_998, 3_999])
      expect(await findRecord(root, ids[n]!), `line ${n}`).toMatchObject({ outcome: 'found' });
  });
});

describe(findRecords.name, () => {
  it('finds many at once, in whatever order they are asked for, and says of each what is known', async () => {
    const root = temporaryFolder();
    const ids = every10ms(NOON, 6_000);
    const path = (number: number): string => `${FOLDER}/h-1-${number}.ndjson`;
    write(root, path(1), ids.slice(0, 2_000), { text: 'x'.repeat(400) });
    write(root, `${path(2)}.gz`, ids.slice(2_000, 4_000));
    write(root, path(3), ids.slice(4_000), { text: 'ö'.repeat(30_000) });
    notePrunedDay(root, { model: 'm', date: '2026-11-20', files: [], bytes: 1 });
    const pruned = idAt(Date.parse('2026-11-20T12:00:00Z'));
    const missing = idAt(NOON + 10_000, 99);
    const wanted = ids.filter((_, n) => n % 7 === 0 || n > 5_990);
    const found = await findRecords(root, [pruned, ...wanted.toReversed(), missing, 'x', wanted[0]!]);

    expect(found.size).toBe(wanted.length + 3);
    for (const id of wanted) {
      const search = found.get(id)!;
      expect(search.outcome === 'found' && JSON.parse(search.line.toString())).toMatchObject({
        prediction_id: id,
      });
    }
    expect([pruned, missing, 'x'].map((id) => found.get(id))).toEqual([
      { outcome: 'gone' },
      { outcome: 'unknown' },
      { outcome: 'unknown' },
    ]);
  });
});
