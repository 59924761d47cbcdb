import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { newId } from '../observability/ids.js';
import { Audit, type Question } from './audit.js';

const line = (id: string, model: string, time: string, principal: string | null = null): string =>
  `${JSON.stringify({ prediction_id: id, time, model, inputs: { n: 1 }, outputs: { prediction: 1 }, principal })}\n`;

function tree(files: Readonly<Record<string, string | Buffer>>): string {
  const root = temporaryFolder();
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), content);
  }
  return root;
}

async function asked(root: string, question: Question): Promise<{ ids: string[]; unreadAt: string[] }> {
  const audit = new Audit(root, question);
  const ids: string[] = [];
  for await (const { line: bytes, record } of audit.records()) {
    expect(JSON.parse(bytes.toString())).toEqual(record);
    ids.push(record.prediction_id);
  }
  expect(audit.unread).toBe(audit.unreadAt.length);
  return { ids, unreadAt: audit.unreadAt.map((path) => path.replace(`${root}/`, '')) };
}

const MONDAY = 'model=iris/date=2026-11-23';
const TUESDAY = 'model=iris/date=2026-11-24';
const root = tree({
  [`${MONDAY}/h-1-10.ndjson`]: line('c', 'iris', '2026-11-23T20:00:00.000Z', 'key_a'),
  [`${MONDAY}/h-1-9.ndjson.gz`]: gzipSync(
    line('a', 'iris', '2026-11-23T08:00:00.000Z', 'key_a') +
      line('b', 'iris', '2026-11-23T09:00:00.000Z', 'key_b'),
  ),
  // Under way at midnight.
  [`${MONDAY}/h-1-11.ndjson`]: line('d', 'iris', '2026-11-24T00:00:00.500Z'),
  [`${TUESDAY}/h-1-12.ndjson`]: line('e', 'iris', '2026-11-24T08:00:00.000Z', 'key_a'),
  'model=loan/date=2026-11-24/h-1-1.ndjson': line('f', 'loan', '2026-11-24T08:00:00.000Z', 'key_a'),
  'pruned.jsonl': '{"model":"iris","date":"2026-11-20"}\n',
});

describe(Audit.name, () => {
  it.each<[Question, string]>([
    [{}, 'abcdef'],
    [{ model: 'loan' }, 'f'],
    [{ principal: 'key_a' }, 'acef'],
    [{ principal: 'key_a', model: 'iris' }, 'ace'],
    [{ since: Date.parse('2026-11-24') }, 'def'],
    [{ until: Date.parse('2026-11-24') }, 'abc'],
    [{ since: Date.parse('2026-11-23T09:00Z'), until: Date.parse('2026-11-24T08:00Z') }, 'bcd'],
    [{ principal: 'key' }, ''],
  ])('gives what is all of %j, in order', async (question, expected) => {
    expect(await asked(root, question)).toEqual({ ids: expected.split(''), unreadAt: [] });
  });

  it('reads a file once that stands there packed too, and twice where the two differ', async () => {
    const [one, other] = ['a', 'b'].map((id) => line(id, 'iris', '2026-11-23T08:00:00.000Z')) as [
      string,
      string,
    ];
    const both = tree({
      [`${MONDAY}/h-1-1.ndjson`]: one,
      [`${MONDAY}/h-1-1.ndjson.gz`]: gzipSync(one),
      [`${MONDAY}/h-1-2.ndjson`]: one,
      [`${MONDAY}/h-1-2.ndjson.gz`]: gzipSync(other),
    });

    expect((await asked(both, {})).ids).toEqual(['a', 'a', 'b']);
  });

  it('tells of lines that cannot be read, and not of one that is being written', async () => {
    const whole = line('a', 'iris', '2026-11-23T08:00:00.000Z');
    const torn = tree({
      [`${MONDAY}/h-1-1.ndjson`]: `{"prediction_id":"x"\n${whole}{"prediction_id":"y`,
      [`${MONDAY}/h-1-2.ndjson.gz`]: gzipSync(whole).subarray(0, 40),
    });

    expect(await asked(torn, {})).toEqual({
      ids: ['a'],
      unreadAt: [`${MONDAY}/h-1-1.ndjson:1`, `${MONDAY}/h-1-2.ndjson.gz:1, and what follows`],
    });
  });

  it('gives one record by its id, if all else is true too', async () => {
    const id = newId();
    const day = `model=iris/date=${new Date().toISOString().slice(0, 10)}`;
    const one = tree({ [`${day}/h-1-1.ndjson`]: line(id, 'iris', new Date().toISOString(), 'key_a') });
    const byId = (which: string, question: Question) => new Audit(one, question).byId(which);

    expect(await byId(id, { principal: 'key_a' })).toMatchObject({ record: { prediction_id: id } });
    expect(await byId(id, { principal: 'key_b' })).toBe('other');
    expect(await byId(newId(), {})).toBe('unknown');
  });
});
