import { startServer } from '../support/server.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

/** Bodies just under the limit of 16 MiB that are cheap to send, and dear to anybody who keeps a fault for each part. */
const surplus = (count: number): string =>
  Array.from({ length: count }, (_, index) => `"x${index}":0`).join(',');
const manyRows = `{${surplus(160)}}`;

describe('a body that is all faults', () => {
  it.each([
    ['unknown fields', '/predict', `{${surplus(1_200_000)}}`, 1_200_009],
    [
      'rows of unknown fields',
      '/v1/models/turnover:predict',
      `{"instances":[${Array(10_000).fill(manyRows).join(',')}]}`,
      1_690_000,
    ],
    ['no JSON', '/predict', 'x '.repeat(8_000_000), undefined],
    ['lines, and then no JSON', '/predict', `${'\n'.repeat(16_000_000)}x`, undefined],
  ])('is refused within the memory of a small container: %s', async (_, path, body, count) => {
    expect(body.length).toBeGreaterThan(13_000_000);
    const server = await startServer({ NODE_OPTIONS: '--max-old-space-size=256' });
    const reply = await fetch(server.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });

    expect(reply.status).toBe(400);
    const problem = (await reply.json()) as { errors?: unknown[]; error_count?: number };
    expect(problem.error_count).toBe(count);
    expect(problem.errors?.length).toBe(count && 50);
    expect((await server.post('/predict', TURNOVER_ROW)).status).toBe(200);
  });
});
