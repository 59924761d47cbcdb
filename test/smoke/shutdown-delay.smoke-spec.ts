import { setTimeout as after } from 'node:timers/promises';
import { Connection, getRequest, jsonRequest } from '../support/connection.js';
import { untilClosed } from '../support/ports.js';
import { type Server, startServer } from '../support/server.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

const PREDICT = jsonRequest('/predict', TURNOVER_ROW);

async function readiness(server: Server): Promise<{ status: number; body: unknown }> {
  const reply = await fetch(`${server.url}/health/ready`);
  return { status: reply.status, body: await reply.json() };
}

async function untilUnready(server: Server): Promise<unknown> {
  for (;;) {
    const { status, body } = await readiness(server);
    if (status === 503) return body;
    await after(10);
  }
}

describe('the delay before the end', () => {
  it('serves everything on but readiness, and each reply ends its connection', async () => {
    const server = await startServer({ SHUTDOWN_DELAY_MS: '60000' });
    const [kept, unread, idle] = await Promise.all([1, 2, 3].map(() => Connection.open(server.port)));
    for (const connection of [kept!, unread!, idle!]) {
      expect((await connection.call(PREDICT)).headers['connection']).toBe('keep-alive');
    }
    server.child.kill('SIGTERM');

    expect(await untilUnready(server)).toMatchObject({
      status: 'shutting_down',
      info: { models: { status: 'up' }, prediction_log: { status: 'up' } },
    });
    expect(await kept!.call(PREDICT)).toMatchObject({ status: 200, headers: { connection: 'close' } });
    expect(await kept!.end).toBe('ended');
    // Its body is not read, because there is no such model.
    const unknown = jsonRequest('/models/nobody/predict', { text: 'x'.repeat(200_000) });
    expect(await unread!.call(unknown)).toMatchObject({ status: 404, headers: { connection: 'close' } });
    expect(await unread!.end).toBe('ended');
    const fresh = await Connection.open(server.port);
    expect(await fresh.call(getRequest('/health/live'))).toMatchObject({
      status: 200,
      headers: { connection: 'close' },
      body: expect.stringContaining('"ok"'),
    });

    // A second signal ends the delay, and then the connection that has been quiet all the time.
    const ended = server.stop();
    expect(await idle!.end).toBe('ended');
    idle!.socket.end();
    expect(await ended).toMatchObject({ code: 0, signal: null });
  });

  it('ends by itself', async () => {
    const server = await startServer({ SHUTDOWN_DELAY_MS: '300' });

    expect(await server.stop()).toMatchObject({
      code: 0,
      seconds: expect.toSatisfy((seconds: number) => seconds >= 0.3),
    });
  });
});

describe('while the server closes', () => {
  it('what has begun is answered, who has just connected is served once, and others are told to go', async () => {
    const server = await startServer();
    const [begun, kept, silent] = await Promise.all([1, 2, 3].map(() => Connection.open(server.port)));
    await kept!.call(PREDICT);
    begun!.socket.write(PREDICT.slice(0, -5));
    // When this is answered, what was sent before has been read.
    await kept!.call(PREDICT);
    const ended = server.stop();
    await untilClosed(server.port);

    const refused = await kept!.call(PREDICT);
    expect(refused).toMatchObject({
      status: 503,
      headers: {
        connection: 'close',
        'content-type': 'application/problem+json; charset=utf-8',
        'retry-after': '1',
        'x-request-id': expect.any(String),
      },
    });
    expect(JSON.parse(refused.body)).toMatchObject({
      code: 'shutting_down',
      detail: 'this server is stopping; send the request again on a new connection',
      request_id: refused.headers['x-request-id'],
    });
    expect(await kept!.end).toBe('ended');
    expect(await silent!.call(PREDICT)).toMatchObject({ status: 200, headers: { connection: 'close' } });
    expect(await begun!.call(PREDICT.slice(-5))).toMatchObject({
      status: 200,
      headers: { connection: 'close' },
    });
    expect(await ended).toMatchObject({ code: 0, signal: null });
    expect(server.stderr).toBe('');
  });

  it('a request that stops arriving is answered, and does not hold it up', async () => {
    const server = await startServer();
    const connection = await Connection.open(server.port);
    connection.socket.write(PREDICT.slice(0, -5));
    await server.post('/predict', TURNOVER_ROW);
    const ended = server.stop();

    expect(await connection.reply()).toMatchObject({
      status: 408,
      headers: { connection: 'close' },
      body: expect.stringContaining('request_timeout'),
    });
    expect(await ended).toMatchObject({ code: 0, seconds: expect.toSatisfy((s: number) => s < 5) });
  });
});
