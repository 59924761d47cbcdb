import { createTestApp } from '../support/create-app.js';

const app = await createTestApp();
const post = (body: unknown) => app.post('/sentiment', body);

describe('the published calls of sentiment-deep', () => {
  it('GET /apitest answers its text', async () => {
    expect(await app.get('/apitest')).toMatchObject({ status: 200, text: 'API working' });
  });

  it('POST /sentiment answers a score per row, in order', async () => {
    const one = await post({ ref: [1], text: ['I am well'] });
    expect(one).toMatchObject({ status: 200, body: [{ ref: 1, Sentiment_Score: expect.any(Number) }] });
    expect(Object.keys((one.body as object[])[0]!)).toEqual(['ref', 'Sentiment_Score']);

    const many = await post({ ref: ['a', 2], text: ['a joy from start to end', 'a dull and lifeless mess'] });
    const scores = many.body as { ref: unknown; Sentiment_Score: number }[];
    expect(scores.map(({ ref }) => ref)).toEqual(['a', 2]);
    expect(scores[0]!.Sentiment_Score).toBeGreaterThan(0.5);
    expect(scores[1]!.Sentiment_Score).toBeLessThan(0.5);
  });

  it('takes the same document sent as a JSON text', async () => {
    const document = { ref: [1], text: ['I am well'] };
    expect((await post(JSON.stringify(JSON.stringify(document)))).body).toEqual((await post(document)).body);
  });

  it.each([
    ...'1 -7 1.0 -0 0.1 1.5e3 1E3 1e-7 0.10 5e-324 1e-400 1e400 1e23 1e300'.split(' '),
    ...'9007199254740991 -9007199254740993 1234567890123456789 9007199254740991.4'.split(' '),
    ...'0.1000000000000000055 3.14159265358979323846 "12345678901234567890" "1.0" "" "a\\nb"'.split(' '),
    `1${'0'.repeat(400)}1`,
  ])('gives a ref back as it was sent: %s', async (ref) => {
    const document = `{"ref":[${ref},${ref}],"text":["a","b"]}`;
    for (const body of [document, JSON.stringify(document)]) {
      const { status, text } = await post(body);
      expect(status).toBe(200);
      expect(text.match(/"ref":[^,]+/g)).toEqual([`"ref":${ref}`, `"ref":${ref}`]);
    }
  });

  it('reads a table that nests too deep for that as no table', async () => {
    const deep = `{"ref":${'['.repeat(20_000)}1.0${']'.repeat(20_000)},"text":["a"]}`;
    expect(await post(deep)).toMatchObject({
      status: 400,
      body: { code: 'invalid_input', errors: [{ pointer: '/ref/0', code: 'type' }] },
    });
  });

  it.each([
    ['columns of unequal length', { ref: [1, 2], text: ['a'] }, '/text'],
    ['no ref', { text: ['a'] }, '/ref'],
    ['text that is no list', { ref: [1], text: 'a' }, '/text'],
    ['a text that is no text', { ref: [1, 2], text: ['a', 7] }, '/text/1'],
    ['a text that is a number of many digits', '{"ref":[1],"text":[1.0]}', '/text/0'],
    ['a ref that names nothing', { ref: [null], text: ['a'] }, '/ref/0'],
    ['no rows', { ref: [], text: [] }, '/text'],
    ['a text that is not JSON', '"ref"', ''],
    ['null', 'null', '/ref'],
  ])('refuses %s', async (_, body, pointer) => {
    const reply = await post(body);
    expect(reply.status).toBe(400);
    expect(reply.body).toMatchObject({ code: 'invalid_input', errors: [{ pointer }] });
  });
});
