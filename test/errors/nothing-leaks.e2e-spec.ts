import { badBodies, badInstances, badRows, type ModelSchema } from '../support/bad-input.js';
import { createTestApp } from '../support/create-app.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

const LEAKS = {
  stack: /\bat .+:\d+:\d+|\n\s+at /,
  path: /node_modules|node:internal|\/(src|dist|tmp|home|usr|root|work|srv|app)\/|\.[cm]?[jt]s\b/,
  'class name': /\b[A-Z]\w*(Error|Exception|Service|Controller|Filter|Fault|Input|Dto)\b|\bFST_|\bERR_/,
};

const app = await createTestApp({ MAX_BODY_BYTES: '2097152' });
const { body } = await app.get('/openapi.json');
const { schemas } = (body as { components: { schemas: Record<string, ModelSchema> } }).components;
const schema = schemas['turnover.Input']!;

function scan(text: string): void {
  for (const [what, pattern] of Object.entries(LEAKS)) expect(text, what).not.toMatch(pattern);
}

describe('no error reply holds a stack, a path or a class name', () => {
  it('for any bad body', async () => {
    const good = JSON.stringify(TURNOVER_ROW);
    for (const bad of [...badRows(schema), ...badBodies(good)]) {
      scan((await app.post('/models/turnover/predict', bad.body, bad.headers)).text);
    }
    for (const bad of badInstances(schema))
      scan((await app.post('/v1/models/turnover:predict', bad.body)).text);
  });

  it.each([
    ['GET', '/nowhere'],
    ['GET', '/%'],
    ['GET', '/models/%ff'],
    ['POST', '/models'],
    ['GET', `/${'x'.repeat(10_000)}`],
    ['GET', '/models/__proto__'],
  ])('for %s %s', async (method, url) => {
    const reply = await app.send(method, url);

    expect(reply.status).toBeGreaterThanOrEqual(400);
    scan(reply.text);
  });

  it('and the scan itself sees one', () => {
    expect(() => scan(new TypeError('x').stack!)).toThrow(/stack/);
    expect(() => scan('TurnoverInput')).toThrow(/class name/);
  });
});
