import { readFileSync } from 'node:fs';
import { verifyTree } from '../../src/journal/verify.js';
import { createTestApp } from '../support/create-app.js';
import { recordFiles } from '../support/records.js';

const app = await createTestApp();
const TEXTS = [
  'two\nlines\r\nand more',
  '\u2028 and \u2029',
  '"}\n{"prediction_id":"forged","model":"sentiment"}',
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

describe('a text with half a character, which no reader of the records would take', () => {
  const half = '"fine \\ud83d"';
  it.each([
    ['/models/sentiment/predict', `{"text":${half}}`, '/text'],
    ['/models/sentiment-deep/versions/1/predict', `{"text":${half}}`, '/text'],
    ['/v1/models/sentiment:predict', `{"instances":[{"text":"fine"},{"text":${half}}]}`, '/instances/1/text'],
    ['/sentiment', `{"ref":[1],"text":[${half}]}`, '/text/0'],
    ['/sentiment', JSON.stringify(`{"ref":[1],"text":[${half}]}`), '/text/0'],
    ['/predict', `{"salary":${half}}`, '/salary'],
    ['/models/sentiment/aliases/champion', `{"version":"1","reason":${half}}`, '/reason'],
  ])('is refused and named: %s %s', async (route, body, pointer) => {
    const before = app.records().length;
    const method = route.includes('aliases') ? 'PUT' : 'POST';
    const reply = await app.send(method, route, body, {
      'content-type': 'application/json',
      'if-match': '*',
    });

    expect(reply.status, reply.text).toBe(400);
    const { errors } = reply.body as { errors: { pointer: string }[] };
    expect(errors.map((each) => each.pointer)).toContain(pointer);
    expect(app.records()).toHaveLength(before);
  });

  it('is refused in the body of a GET', async () => {
    const type = { 'content-type': 'application/json' };
    expect(await app.send('GET', '/', `{"query":${half}}`, type)).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/query', code: 'unpaired_surrogate' }] },
    });
  });

  it('is not repeated where it is the name of a field', async () => {
    const reply = await app.post('/models/sentiment/predict', `{"text":"a",${half}:1}`);

    expect(reply.body).toMatchObject({ errors: [{ pointer: '/fine \ufffd', code: 'unknown_field' }] });
  });
});
