import { gzipSync } from 'node:zlib';
import { createTestApp } from '../support/create-app.js';
import { problem } from '../support/shapes.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

const app = await createTestApp();
const ROW = JSON.stringify(TURNOVER_ROW);
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const refused = (detail: string): object => problem('unsupported_media_type', 415, { detail });

describe('a body that says it is UTF-8, in whatever words', () => {
  it.each([
    'application/json; charset=utf8',
    'application/json;charset=UTF8',
    'application/json; charset=Utf-8',
    'application/json; charset="utf-8"',
    'application/json; Charset="UTF8"',
    'application/json; charset=US-ASCII',
    'application/json; charset=ascii',
    'application/json ; charset = utf-8',
    'application/json; profile=x; charset=utf-8',
    'Application/JSON',
  ])('is taken: %s', async (type) => {
    expect(await app.post('/predict', ROW, { 'content-type': type })).toMatchObject({ status: 200 });
  });

  it.each(['identity', 'Identity', 'IDENTITY', 'identity, identity'])(
    'is taken with Content-Encoding: %s',
    async (encoding) => {
      const headers = { 'content-encoding': encoding };
      expect(await app.post('/predict', ROW, headers)).toMatchObject({ status: 200 });
      expect(await app.send('GET', '/', 'query=a', { ...FORM, ...headers })).toMatchObject({ status: 200 });
    },
  );
});

describe('the refusal of a body names what it disliked', () => {
  it.each([
    ['latin1', 'application/json; charset=latin1'],
    ['UTF-16', 'application/json; charset="UTF-16"'],
    ['utf-8-sig', 'application/json; charset=utf-8-sig'],
    ['', 'application/json; charset=""'],
  ])('the charset %s', async (charset, type) => {
    expect((await app.post('/predict', ROW, { 'content-type': type })).body).toEqual(
      refused(`the charset "${charset}" is not taken here; send the body as UTF-8`),
    );
  });

  it.each(['gzip', 'br', 'identity, gzip', 'utf-8'])('the encoding %s', async (encoding) => {
    expect((await app.post('/predict', ROW, { 'content-encoding': encoding })).body).toEqual(
      refused(`the Content-Encoding "${encoding}" is not taken here; send the body without one`),
    );
  });

  it.each(['text/plain', 'application/jsonx', 'json', FORM['content-type']])('the type %s', async (type) => {
    const mend = 'send the body as JSON with the header Content-Type: application/json';
    expect((await app.post('/predict', ROW, { 'content-type': type })).body).toEqual(
      refused(`the Content-Type "${type}" is not taken here; ${mend}`),
    );
    expect((await app.send('POST', '/predict', ROW)).body).toEqual(
      refused(`there is no Content-Type; ${mend}`),
    );
  });
});

describe('the body of a GET that cannot be read', () => {
  it.each(['gzip', 'deflate', 'br', 'x-unknown'])('is refused: a form in %s', async (encoding) => {
    const body = gzipSync('query=that+movie+was+boring');
    expect((await app.send('GET', '/', body, { ...FORM, 'content-encoding': encoding })).body).toEqual(
      refused(`the Content-Encoding "${encoding}" is not taken here; send the body without one`),
    );
  });

  it('is refused: a form in another charset', async () => {
    const type = `${FORM['content-type']}; charset=iso-8859-1`;
    expect((await app.send('GET', '/', 'query=a', { 'content-type': type })).body).toEqual(
      refused('the charset "iso-8859-1" is not taken here; send the body as UTF-8'),
    );
  });

  it.each([
    ['a form', FORM, 'text=a'],
    ['JSON', { 'content-type': 'application/json' }, '{"text":"a"}'],
  ])('is no wish for the index: %s without a query', async (_, headers, body) => {
    expect(await app.send('GET', '/', body, headers)).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/query', code: 'required', detail: 'is missing' }] },
    });
  });
});
