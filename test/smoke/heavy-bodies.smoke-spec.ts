import { startServer } from '../support/server.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

/** Bodies just under the limit of 16 MiB that are cheap to send, and dear to anybody who keeps a fault for each part. */
const surplus = (count: number): string =>
  Array.from({ length: count }, (_, index) => `"x${index}":0`).join(',');
const invalid = (error_count: number) => ({ status: 400, code: 'invalid_input', error_count });
const NOT_JSON = { status: 400, code: 'body_not_json' };
const TOO_LARGE = { status: 413, code: 'body_too_large' };
const MANY_ROWS = '/v1/models/turnover:predict';
const inRows = (rows: readonly string[]): string => `{"instances":[${rows.join(',')}]}`;
const blankRow = `{${' '.repeat(1_400)}}`;
const wideRow = `{${surplus(160)}}`;

describe('a body that is all faults', () => {
  it.each<[string, string, string, { status: number; code: string; error_count?: number }]>([
    ['unknown fields', '/predict', `{${surplus(1_200_000)}}`, TOO_LARGE],
    ['fields beside the rows', MANY_ROWS, `{${surplus(1_200_000)}}`, TOO_LARGE],
    ['rows of unknown fields', MANY_ROWS, inRows(Array(10_000).fill(wideRow)), TOO_LARGE],
    ['rows of nothing but white space', MANY_ROWS, inRows(Array(10_000).fill(blankRow)), invalid(90_000)],
    ['no JSON', MANY_ROWS, 'x '.repeat(8_000_000), NOT_JSON],
    ['lines, and then no JSON', MANY_ROWS, `${'\n'.repeat(16_000_000)}x`, NOT_JSON],
    ['rows of nothing', MANY_ROWS, inRows(Array(5_500_000).fill('{}')), TOO_LARGE],
    ['lists in lists', MANY_ROWS, '['.repeat(8_000_000) + ']'.repeat(8_000_000), TOO_LARGE],
  ])('is refused within the memory of a small container: %s', async (_, path, body, expected) => {
    expect(body.length).toBeGreaterThan(13_000_000);
    const server = await startServer({ NODE_OPTIONS: '--max-old-space-size=256' });
    const reply = await fetch(server.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });

    expect(reply.status).toBe(expected.status);
    const problem = (await reply.json()) as { errors?: unknown[] };
    expect(problem).toMatchObject(expected);
    expect(problem.errors?.length).toBe(expected.error_count && Math.min(expected.error_count, 50));
    expect((await server.post('/predict', TURNOVER_ROW)).status).toBe(200);
  });
});
