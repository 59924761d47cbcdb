import { cpuBound } from '../support/cpu-bound.js';
import { type Server, startServer } from '../support/server.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

const MEBIBYTE = 1_048_576;
const TOO_LARGE = { status: 413, code: 'body_too_large' };
const notJson = (end: string): object => ({
  status: 400,
  code: 'body_not_json',
  detail: expect.stringMatching(end) as string,
});
const atColumn = (column: number): object => notJson(`see line 1, column ${column}$`);

/** `part` as often as it fits into 8 MiB. */
const filled = (part: string, bytes = 8 * MEBIBYTE): string => part.repeat(bytes / part.length);

let server: Server;
beforeAll(async () => {
  server = await startServer({ NODE_OPTIONS: '--max-old-space-size=256' });
});

async function refuses(body: string, expected: object): Promise<void> {
  const bytes = Buffer.byteLength(body);
  const cpu = await server.cpuMilliseconds(async () => {
    const headers = { 'content-type': 'application/json' };
    const reply = await fetch(`${server.url}/v1/models/turnover:predict`, { method: 'POST', headers, body });
    expect(await reply.json()).toMatchObject(expected);
  });
  expect(cpu).toBeLessThan(cpuBound(bytes));
}

describe('a large body that is not JSON', () => {
  it.each<[string, string, object]>([
    ['blanks and an object', `${filled(' ')}{`, atColumn(8 * MEBIBYTE + 2)],
    ['lines and an object', `${filled('\n')}{`, notJson(`see line ${8 * MEBIBYTE + 1}, column 2$`)],
    ['a text', `"${filled('x')}`, atColumn(8 * MEBIBYTE + 2)],
    ['a text of escapes', `"${filled('\\"')}`, atColumn(8 * MEBIBYTE + 2)],
    ['a text of other letters', `"${filled('é', 4 * MEBIBYTE)}`, atColumn(4 * MEBIBYTE + 2)],
    ['a list', `[${filled('1,')}`, TOO_LARGE],
    ['a list that ends wrong', `[${filled('1,')}]`, TOO_LARGE],
    [
      'a short list that ends as an object',
      `[${filled('1,', 20_000)}${filled(' ')}1}`,
      atColumn(8 * MEBIBYTE + 20_003),
    ],
    ['a list of texts that ends wrong', `[${filled(`"${'a'.repeat(1021)}",`)}?`, atColumn(8 * MEBIBYTE + 2)],
    ['a list of words that ends wrong', `[${filled('null,')}?`, TOO_LARGE],
    ['a number', `${filled('1')}x`, atColumn(8 * MEBIBYTE + 1)],
    ['question marks', filled('?'), atColumn(1)],
    ['lists', filled('['), TOO_LARGE],
    ['lists and their ends', filled('[', 4 * MEBIBYTE) + filled(']', 4 * MEBIBYTE), TOO_LARGE],
    ['objects', filled('{"a":'), TOO_LARGE],
    ['objects in lists', filled('[{"a":'), TOO_LARGE],
    ['20,000 lists deep', '['.repeat(20_000), atColumn(20_001)],
    ['20,000 lists deep, and a wrong end', `${'['.repeat(20_000)}}`, atColumn(20_001)],
    ['10,000 objects deep', '{"a":'.repeat(10_000), atColumn(50_001)],
    ['20,000 lists and objects deep', '[{"a":'.repeat(10_000), atColumn(60_001)],
  ])('is refused within the CPU of its bytes: %s', (_, body, expected) => refuses(body, expected));

  it('is refused at the end of what there is, wherever a legal body is cut', async () => {
    const row = JSON.stringify({ ...TURNOVER_ROW, sales: 'a "text"\twith é, [[{{, and a \\' });
    const whole = `{"instances":[${Array(20_000).fill(row).join(',')}]}`;
    for (let part = 1; part < 12; part++) {
      // A prime apart, so that the cuts fall on other letters of the row.
      const cut = whole.slice(0, Math.floor((part * whole.length) / 12) + 7 * part);
      await refuses(cut, atColumn(cut.length + 1));
    }
  });

  it('does not keep the next caller from an answer', async () => {
    expect((await server.post('/predict', TURNOVER_ROW)).status).toBe(200);
  });
});
