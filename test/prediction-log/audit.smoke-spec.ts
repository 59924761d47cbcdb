import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { newId } from '../../src/observability/ids.js';
import { notePrunedDay } from '../../src/journal/pruned-days.js';
import { nestor } from '../support/nestor.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const root = temporaryFolder();
const today = new Date().toISOString().slice(0, 10);

function record(more: object): { readonly prediction_id: string } & Readonly<Record<string, unknown>> {
  return {
    prediction_id: newId(),
    request_id: 'r-1',
    time: new Date().toISOString(),
    model: 'loan',
    version: '3',
    sha256: 'd3',
    hidden: { income: 'hash', name: 'drop' },
    route: '/models/:model/predict',
    inputs: { income: 'hmac-sha256:x', term: 12, note: 'a "b", c' },
    outputs: { prediction: 1 },
    duration_us: 9,
    principal: 'key_a',
    schema: 1,
    seq: 1,
    ...more,
  };
}
const [first, second] = [record({}), record({ principal: '=cmd|calc', seq: 2 })];
const early = record({ time: '2025-01-02T10:00:00.000Z' });
/** As nestor log erase leaves it. */
const ERASED = { erased: 'a'.repeat(43), seq: 2 };
const lines = (...records: object[]): string => records.map((each) => `${JSON.stringify(each)}\n`).join('');

mkdirSync(join(root, 'model=loan', `date=${today}`), { recursive: true });
writeFileSync(join(root, 'model=loan', `date=${today}`, 'h-1-2.ndjson'), lines(first, second));
mkdirSync(join(root, 'model=loan', 'date=2025-01-02'), { recursive: true });
writeFileSync(join(root, 'model=loan', 'date=2025-01-02', 'h-1-1.ndjson.gz'), gzipSync(lines(early, ERASED)));
notePrunedDay(root, { model: 'loan', date: '2025-01-01', files: [], bytes: 1 });

describe('nestor audit', () => {
  it('prints records as they were written, packed ones too, and what is missing', async () => {
    expect(await nestor('audit', root, '--model', 'loan', '--principal', 'key_a')).toEqual({
      code: 0,
      stdout: lines(early, first),
      stderr:
        'nestor: 2 records\nnestor: 1 records among those that were read are erased; erasures.ndjson says by whom and when\nnestor: of 1 days in that time records were removed by nestor log prune, the last 2025-01-01\n',
    });
  });

  it('prints a table that no spreadsheet runs', async () => {
    const { stdout, code } = await nestor('audit', root, '--since', today, '--format', 'csv');
    const inputs = '"{""income"":""hmac-sha256:x"",""term"":12,""note"":""a \\""b\\"", c""}"';
    const rest = `r-1,loan,3,d3,/models/:model/predict,${inputs},"{""income"":""hash"",""name"":""drop""}","{""prediction"":1}"`;

    expect(code).toBe(0);
    expect(stdout.split('\n')).toEqual([
      'time,principal,prediction_id,request_id,model,version,sha256,route,inputs,hidden,outputs',
      `${String(first['time'])},key_a,${first.prediction_id},${rest}`,
      `${String(second['time'])},'=cmd|calc,${second.prediction_id},${rest}`,
      '',
    ]);
  });

  it('finds a prediction by its id', async () => {
    const { prediction_id: id } = second;
    expect(await nestor('audit', root, '--id', id.toUpperCase())).toEqual({
      code: 0,
      stdout: lines(second),
      stderr: 'nestor: 1 records\n',
    });
  });
});
