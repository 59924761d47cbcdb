import { readFileSync } from 'node:fs';
import { verifyTree } from '../../src/journal/verify.js';
import { createTestApp } from '../support/create-app.js';
import { recordFiles } from '../support/records.js';

const app = await createTestApp();
const TEXTS = [
  'two\nlines\r\nand more',
  '\u2028 and \u2029',
  '"}\n{"prediction_id":"forged","model":"sentiment"}',
  '\ud800 alone',
  '\u0000\u0007\u001b[31m',
  'é数🎈',
];

describe('a text that would like to be more than a field of a record', () => {
  it.each(TEXTS)('stays one field of one line: %j', async (text) => {
    const before = app.records().length;
    const reply = await app.post('/models/sentiment/predict', { text });
    expect(reply.status, reply.text).toBe(200);

    const records = app.records();
    expect(records).toHaveLength(before + 1);
    expect(records.at(-1)).toMatchObject({
      prediction_id: (reply.body as { prediction_id: string }).prediction_id,
      inputs: { text },
    });
    expect(
      readFileSync(recordFiles(app.settings['PREDICTION_LOG_DIR']!)[0]!, 'utf8').split('\n'),
    ).toHaveLength(before + 2);
    expect(await verifyTree(app.settings['PREDICTION_LOG_DIR']!)).toMatchObject({
      records: before + 1,
      torn: 0,
    });
  });
});
