import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { verifyTree } from './verify.js';

const record = (id: number, model = 'm'): string =>
  `${JSON.stringify({ prediction_id: String(id), model })}\n`;

function tree(files: Readonly<Record<string, string>>): string {
  const root = temporaryFolder();
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

describe(verifyTree.name, () => {
  it('counts files and records by model', async () => {
    const root = tree({
      'model=m/date=2026-01-02/h-1-1.ndjson': record(1) + record(2),
      'model=n/date=2026-01-02/h-1-1.ndjson': record(3, 'n'),
      'notes.txt': 'x',
    });

    expect(await verifyTree(root)).toEqual({
      files: 2,
      records: 3,
      models: { m: 2, n: 1 },
      torn: 0,
      tornAt: [],
      duplicates: 0,
      duplicatesAt: [],
      quarantined: 0,
      pruned: 0,
      sealed: 0,
      unsealed: 0,
      earlier: 2,
      erased: 0,
      faults: [],
    });
  });

  it('reads packed files, and counts one that stands there both ways once, unless the two differ', async () => {
    const root = tree({
      'a/h-1-1.ndjson': record(1),
      'a/h-1-2.ndjson': record(2),
      'a/h-1-3.ndjson': record(3),
    });
    writeFileSync(join(root, 'a/h-1-1.ndjson.gz'), gzipSync(record(1)));
    writeFileSync(join(root, 'a/h-1-3.ndjson.gz'), gzipSync(record(4)));
    writeFileSync(join(root, 'a/h-1-4.ndjson.gz'), gzipSync(record(5) + record(2)));

    expect(await verifyTree(root)).toMatchObject({
      files: 5,
      records: 6,
      torn: 0,
      duplicates: 1,
      duplicatesAt: [join(root, 'a/h-1-4.ndjson.gz:2 2')],
    });
  });

  it('counts what cannot be unpacked as torn, and goes on', async () => {
    const root = tree({ 'a/h-1-3.ndjson': record(1), 'a/h-1-2.ndjson.gz': 'no gzip' });
    const packed = gzipSync(record(2));
    writeFileSync(join(root, 'a/h-1-1.ndjson.gz'), packed.subarray(0, -9));

    const { torn, tornAt, records } = await verifyTree(root);
    expect({ torn, tornAt, records }).toEqual({
      torn: 2,
      tornAt: [join(root, 'a/h-1-1.ndjson.gz:2'), join(root, 'a/h-1-2.ndjson.gz:1')],
      records: 2,
    });
  });

  it('counts a model of any name', async () => {
    const { models } = await verifyTree(
      tree({ 'h-1-1.ndjson': record(1, '__proto__') + record(2, '__proto__') }),
    );

    expect(Object.entries(models)).toEqual([['__proto__', 2]]);
  });

  it('names torn lines, lines that are no record, duplicates over all files, and lines moved aside', async () => {
    const root = tree({
      'a/h-1-1.ndjson': `${record(1)}null\n${record(2)}{"prediction_id":"3","mod`,
      'b/h-1-2.ndjson': record(2) + record(2),
      'b/h-1-2.ndjson.torn': '{"pre',
    });

    const { torn, tornAt, duplicates, duplicatesAt, quarantined, records } = await verifyTree(root);
    expect({ torn, duplicates, quarantined, records }).toEqual({
      torn: 2,
      duplicates: 2,
      quarantined: 1,
      records: 4,
    });
    expect(tornAt).toEqual([join(root, 'a/h-1-1.ndjson:2'), join(root, 'a/h-1-1.ndjson:4')]);
    expect(duplicatesAt).toEqual([join(root, 'b/h-1-2.ndjson:1 2'), join(root, 'b/h-1-2.ndjson:2 2')]);
  });

  it.each(['\u2028', '\u2029', '\u0085', '\v', '\f', '\r\n'])(
    'takes %j in a text for a part of its line',
    async (mark) => {
      const line = JSON.stringify({ prediction_id: '1', model: 'm', inputs: { text: `good${mark}movie` } });
      const root = tree({ 'h-1-1.ndjson': `${line}\n${record(2)}` });

      expect(await verifyTree(root)).toMatchObject({ records: 2, torn: 0 });
    },
  );

  it('counts lines longer than a block of the stream, between short and empty ones', async () => {
    const long = `${JSON.stringify({ prediction_id: '1', model: 'm', text: '数🎈é'.repeat(100_000) })}\n`;
    const root = tree({ 'h-1-1.ndjson': `${record(2)}${long}\n${record(3)}{"prediction_id` });

    expect(await verifyTree(root)).toMatchObject({
      records: 3,
      torn: 2,
      tornAt: [join(root, 'h-1-1.ndjson:3'), join(root, 'h-1-1.ndjson:5')],
    });
  });
});
