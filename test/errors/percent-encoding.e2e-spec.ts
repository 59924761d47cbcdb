import { createTestApp } from '../support/create-app.js';

const app = await createTestApp();
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const fault = (pointer: string): object => ({
  pointer,
  code: 'percent_encoding',
  detail:
    'is not UTF-8 in percent-encoding; write each byte of a character as %XX, and a percent sign as %25',
});
/** Latin-1, bytes that are never UTF-8, a cut and an overlong character, half a surrogate pair, no bytes at all. */
const ODD = [
  'caf%e9',
  'boring%ff',
  '%C3',
  '%c0%af',
  '%ED%A0%BD',
  '%F8%88%80%80%80',
  '100%',
  '%',
  '%zz',
  '%u00e9',
];

describe('a query that is not UTF-8 in percent-encoding', () => {
  it.each(ODD)('is refused, and its parameter named: %s', async (odd) => {
    const reply = await app.get(`/?lang=en&query=${odd}`);

    expect(reply).toMatchObject({ status: 400, body: { code: 'invalid_input', error_count: 1 } });
    expect((reply.body as { errors: object[] }).errors).toEqual([fault('/query')]);
    expect(app.records()).toEqual([]);
  });

  it.each([
    ['POST', '/v2/models/iris/predict/?data=5.1&data=%ff&data=1.4&data=0.2', '/data'],
    ['POST', '/v2/models/iris/predict/?data=5.1%&data=3.5&data=1.4&data=0.2', '/data'],
    ['GET', '/apitest?x=%ff', '/x'],
    ['GET', '/models?x=%ff', '/x'],
    ['GET', '/models/turnover?caf%c3%a9=%ff', '/café'],
    ['GET', '/?%ff=1', '/%ff'],
    ['GET', '/?query=%ff#', '/query'],
    ['GET', '/?query=%ff;query=a', '/query'],
  ])('is refused on every route: %s %s', async (method, url, pointer) => {
    expect(await app.send(method, url)).toMatchObject({
      status: 400,
      body: { code: 'invalid_input', errors: [fault(pointer)] },
    });
  });

  it.each(ODD)('is refused in a form too: %s', async (odd) => {
    expect(await app.send('GET', '/', `query=${odd}`, FORM)).toMatchObject({
      status: 400,
      body: { code: 'invalid_input', errors: [fault('/query')] },
    });
  });

  it('is refused in a form of other bytes', async () => {
    expect(await app.send('GET', '/', Buffer.from('query=caf\u00e9', 'latin1'), FORM)).toMatchObject({
      status: 400,
      body: { code: 'bad_request', detail: 'the form is not valid UTF-8' },
    });
  });

  it('is refused once for each of many, of which fifty are listed', async () => {
    const reply = await app.get(`/?${'x=%ff&'.repeat(80)}`);

    expect(reply).toMatchObject({ status: 400, body: { error_count: 80 } });
    expect((reply.body as { errors: object[] }).errors).toHaveLength(50);
  });
});

describe('a query that is', () => {
  it.each(['caf%C3%A9', 'caf%c3%a9+au+lait', '100%25', '%F0%9F%8E%88', 'a%26b%3Dc', '%00'])(
    'is recorded as it was meant: %s',
    async (query) => {
      expect(await app.get(`/?query=${query}`)).toMatchObject({ status: 200 });

      const text = decodeURIComponent(query.replaceAll('+', ' '));
      expect(app.records().at(-1)).toMatchObject({ inputs: { text } });
      await app.send('GET', '/', `query=${query}`, FORM);
      expect(app.records().at(-1)).toMatchObject({ inputs: { text } });
    },
  );
});
