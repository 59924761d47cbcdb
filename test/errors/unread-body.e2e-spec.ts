import { once } from 'node:events';
import { connect } from 'node:net';
import { createTestApp } from '../support/create-app.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

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

/** A JSON text with an escape for each of its characters. */
const escaped = (text: string): string =>
  `"${text.replaceAll(/./g, (each) => `\\u${each.codePointAt(0)!.toString(16).padStart(4, '0')}`)}"`;

const declared = (bytes: number): string => `content-length: ${bytes}`;

describe('a body that is not read', () => {
  it.each([
    ['POST /models/nobody/predict', 404, 'model_not_found'],
    ['POST /v1/models/nobody:predict', 404, 'model_not_found'],
    ['POST /models/turnover/versions/99/predict', 404, 'version_not_found'],
    ['POST /v1/models/turnover/versions/99:predict', 404, 'version_not_found'],
    ['PUT /models/nobody/aliases/champion', 404, 'model_not_found'],
    ['POST /nowhere', 404, 'route_not_found'],
  ])('is not waited for where there is nobody to take it: %s', async (line, status, code) => {
    expect(await answerTo(line, declared(1_000_000))).toMatchObject({ status, code });
  });

  it.each([
    ['POST /models/turnover/predict', 30_000, '19,300 bytes'],
    ['POST /models/turnover/versions/1/predict', 30_000, '19,300 bytes'],
    ['POST /models/sentiment/predict', 200_000, '136,560 bytes'],
    ['POST /predict', 30_000, '19,300 bytes'],
    ['POST /predict/', 30_000, '19,300 bytes'],
    ['POST /katana-ml/api/v1.0/diabetes', 30_000, '18,536 bytes'],
    ['POST /v1/models/turnover:predict', 17_000_000, '16,777,216'],
    ['POST /sentiment', 17_000_000, '16,777,216'],
    ...[
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

describe('the rest of a body that was refused', () => {
  const ROUTES: [string, string][] = [
    ['POST /nowhere', ''],
    ['POST /models/nobody/predict', ''],
    ['POST /models/turnover/predict', ''],
    ['POST /v1/models/turnover:predict', 'content-type: text/plain\r\n'],
    ['POST /sentiment', 'content-type: application/x-www-form-urlencoded\r\n'],
    ['POST /predict', 'content-type: application/x-tar\r\n'],
    ['POST /predict', 'content-type:\r\n'],
    ['POST /models/iris/versions', 'content-type: text/plain\r\n'],
    ['GET /apitest', 'content-type: application/json\r\n'],
    ['GET /health/live', ''],
  ];

  it.each(ROUTES)(
    'is let through, and the connection serves the next request: %s %s',
    async (line, headers) => {
      const socket = connect(port, '127.0.0.1').setEncoding('utf8');
      const head = `${line} HTTP/1.1\r\nhost: localhost\r\n${headers}content-length: 2000000\r\n\r\n`;
      socket.write(head + ' '.repeat(50_000));
      const [refusal] = (await once(socket, 'data')) as [string];
      socket.write(' '.repeat(1_950_000));
      socket.write('GET /health/live HTTP/1.1\r\nhost: localhost\r\n\r\n');
      const [next] = (await once(socket, 'data')) as [string];
      socket.destroy();

      expect(refusal).toMatch(/^HTTP\/1.1 4\d\d /);
      expect(refusal).not.toMatch(/connection: close/i);
      expect(next).toMatch(/^HTTP\/1.1 200 /);
    },
  );

  it('is let through before the connection ends, where the caller wants it ended', async () => {
    const socket = connect(port, '127.0.0.1').setEncoding('utf8');
    socket.write(
      'POST /sentiment HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: text/plain\r\n',
    );
    socket.write(`content-length: 2000000\r\n\r\n${' '.repeat(50_000)}`);
    const [refusal] = (await once(socket, 'data')) as [string];
    socket.write(' '.repeat(1_950_000));
    await once(socket, 'end');

    expect(refusal).toMatch(/^HTTP\/1.1 415 /);
  });
});

describe('a caller who sends all before it reads gets the answer that ends its connection', () => {
  const HEADS: [string, string, number][] = [
    ['POST /predict HTTP/1.1', 'transfer-encoding: gzip', 415],
    ['POST /predict HTTP/1.1', 'transfer-encoding: gzip, chunked', 415],
    ['POST /v1/models/turnover:predict HTTP/1.1', 'transfer-encoding: identity', 415],
    ['POST /sentiment HTTP/1.1', 'content-type: application/json\r\ntransfer-encoding: chunked', 400],
    ['POST /predict HTTP/1.1', 'expect: a-miracle\r\ncontent-length: 8000000', 417],
    ['POST /predict HTTP/1.1', 'expect: 100-continue\r\ncontent-length: 8000000', 413],
    ['POST /predict HTTP/2.0', 'content-length: 8000000', 505],
    ['POST /predict HTTP/9.9', 'content-length: 8000000', 505],
    ['PRI * HTTP/2.0', 'content-length: 8000000', 505],
    ['CONNECT elsewhere:443 HTTP/1.1', 'content-length: 8000000', 400],
    ['POST /predict HTTP/1.1', `x-long: ${'x'.repeat(20_000)}\r\ncontent-length: 8000000`, 431],
    [`POST /${'x'.repeat(20_000)} HTTP/1.1`, 'content-length: 8000000', 414],
    ['NONSENSE', 'content-length: 8000000', 400],
  ];

  it.each(HEADS.map(([line, headers, status]) => ({ line, headers, status })))(
    '$line, $headers',
    async ({ line, headers, status }) => {
      const socket = connect(port, '127.0.0.1').setEncoding('latin1');
      socket.pause();
      socket.write(`${line}\r\nhost: localhost\r\n${headers}\r\n\r\n`);
      for (let part = 0; part < 8; part++)
        if (!socket.write('a'.repeat(1_000_000))) await once(socket, 'drain');
      let answer = '';
      socket.on('data', (text: string) => (answer += text)).resume();
      await once(socket, 'end');
      socket.destroy();

      expect(answer).toMatch(
        new RegExp(`^HTTP/1.1 ${status} [^]*connection: close\r\n[^]*"status":${status},`, 'i'),
      );
    },
  );
});

it('keeps the connection of a whole body that is not JSON', async () => {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  const call =
    'POST /predict HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 1\r\n\r\n{';
  for (let calls = 0; calls < 2; calls++) {
    socket.write(call);
    expect((await once(socket, 'data'))[0]).toMatch(/^HTTP\/1.1 400 /);
  }
  socket.destroy();
});

describe('a row of the longest kind', () => {
  it.each(['/predict', '/predict/', '/models/turnover/predict', '/models/turnover/versions/1/predict'])(
    'is taken though every letter of it is escaped and its numbers have every digit: %s',
    async (route) => {
      const fields = Object.entries(TURNOVER_ROW).map(([name, value]) =>
        typeof value === 'string'
          ? `${escaped(name)}:${escaped(value)}`
          : `${escaped(name)}:${(Number.isInteger(value) ? `${value}.` : String(value)).padEnd(80, '0')}`,
      );
      const reply = await app.post(route, `{${fields.join(',')}}`.padEnd(19_300));

      expect(reply.status).toBe(200);
    },
  );

  it('is taken though every letter of it is escaped', async () => {
    const text = '\\ud83d\\ude00'.repeat(10_000);
    const reply = await app.post('/models/sentiment/predict', `{"text":"${text}"}`);

    expect(reply.status).toBe(200);
  });
});
