import { once } from 'node:events';
import { connect } from 'node:net';
import { createTestApp } from '../support/create-app.js';

const app = await createTestApp();
await app.app.listen(0, '127.0.0.1');
const { port } = app.app.getHttpServer().address() as { port: number };

interface Answer {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
}

/** What the server says when it has the headers alone, or as much of a body as is given. */
async function answerTo(line: string, headers: string, body = ''): Promise<Answer> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  socket.write(
    `${line} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n${headers}\r\n\r\n${body}`,
  );
  const [text] = (await once(socket, 'data')) as [string];
  socket.destroy();
  const [head, json] = text.split('\r\n\r\n') as [string, string];
  return { status: Number(head.split(' ')[1]), ...(JSON.parse(json) as { code: string; detail: string }) };
}

const declared = (bytes: number): string => `content-length: ${bytes}`;

describe('a body that is not read', () => {
  it.each([
    ['POST /models/nobody/predict', 404, 'model_not_found'],
    ['POST /v1/models/nobody:predict', 404, 'model_not_found'],
    ['POST /models/turnover/versions/99/predict', 404, 'version_not_found'],
    ['PUT /models/nobody/aliases/champion', 404, 'model_not_found'],
    ['POST /nowhere', 404, 'route_not_found'],
  ])('is not waited for where there is nobody to take it: %s', async (line, status, code) => {
    expect(await answerTo(line, declared(1_000_000))).toMatchObject({ status, code });
  });

  it.each([
    ['POST /models/turnover/predict', 30_000, '19,300 bytes'],
    ['POST /models/turnover/versions/1/predict', 30_000, '19,300 bytes'],
    ['POST /models/sentiment/predict', 200_000, '136,560 bytes'],
    ['POST /v1/models/turnover:predict', 17_000_000, '16,777,216'],
    ['POST /sentiment', 17_000_000, '16,777,216'],
    ...[
      'POST /predict',
      'POST /katana-ml/api/v1.0/diabetes',
      'POST /v2/models/iris/predict/',
      'POST /models/turnover/rollback',
      'DELETE /models/turnover/aliases/nobody',
      'GET /',
      'GET /models',
      'GET /apitest',
      'GET /health/live',
      'GET /metrics',
    ].map((line): [string, number, string] => [line, 17_000, '16,384']),
  ])('is larger than the route could use: %s', async (line, bytes, limit) => {
    const { status, code, detail } = await answerTo(line, declared(bytes));

    expect({ status, code }).toEqual({ status: 413, code: 'body_too_large' });
    expect(detail).toContain(`the body may have ${limit}`);
  });

  it('is told in chunks, and is no longer read where it is too large', async () => {
    const chunk = `${(20_000).toString(16)}\r\n${' '.repeat(20_000)}\r\n`;
    const answer = await answerTo('POST /models/turnover/predict', 'transfer-encoding: chunked', chunk);

    expect(answer).toMatchObject({ status: 413, code: 'body_too_large' });
    expect(answer.detail).toMatch(
      /^the body may have 19,300 bytes here, more than a row takes; send many rows/,
    );
  });
});

describe('a text of the longest kind', () => {
  it('is taken though every letter of it is escaped', async () => {
    const text = '\\ud83d\\ude00'.repeat(10_000);
    const reply = await app.post('/models/sentiment/predict', `{"text":"${text}"}`);

    expect(reply.status).toBe(200);
  });
});
