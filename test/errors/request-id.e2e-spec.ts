import { createTestApp } from '../support/create-app.js';
import { UUID_V7 } from '../support/shapes.js';

const app = await createTestApp();
const idFor = async (given: string): Promise<unknown> =>
  (await app.get('/models', { 'x-request-id': given })).headers['x-request-id'];

describe('x-request-id', () => {
  it.each(['a', 'A-1_b.2', 'x'.repeat(128)])('is kept: %s', async (given) => {
    expect(await idFor(given)).toBe(given);
  });

  it.each(['', ' ', 'a b', 'a"b', 'a,b', 'ä', 'x'.repeat(129), '<script>', '../../etc'])(
    'is replaced: %s',
    async (given) => {
      expect(await idFor(given)).toMatch(UUID_V7);
    },
  );

  it('is made where none came in, another one each time', async () => {
    const replies = await Promise.all(Array.from({ length: 300 }, () => app.get('/health/live')));

    const ids = replies.map(({ headers }) => headers['x-request-id']);
    for (const id of ids) expect(id).toMatch(UUID_V7);
    expect(new Set(ids).size).toBe(300);
  });

  it.each([
    ['/models/turnover/predict', {}],
    ['/models/turnover/predict', '{'],
    ['/nowhere', {}],
    ['/health', {}],
  ])('stands in header and body of an error: %s %j', async (route, body) => {
    const reply = await app.post(route, body, { 'x-request-id': 'mine' });

    expect(reply.headers['x-request-id']).toBe('mine');
    expect(reply.body).toMatchObject({ request_id: 'mine' });
  });
});
