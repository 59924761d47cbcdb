import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { isOpen } from '../support/ports.js';
import { readRecords } from '../support/records.js';
import { type Server, spawnServer, startServer } from '../support/server.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

const BULK = JSON.stringify({ instances: Array.from({ length: 5_000 }, () => TURNOVER_ROW) });

/** Sends a request of which the server has read the head and most of the body; `finish` sends the rest. */
async function beginRequest(
  server: Server,
  agent: Agent,
): Promise<{ finish: () => void; status: Promise<number> }> {
  const call = request(`${server.url}/v1/models/turnover:predict`, {
    agent,
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': BULK.length },
  });
  const status = once(call, 'response').then(async ([response]) => {
    const reply = response as import('node:http').IncomingMessage;
    let text = '';
    for await (const part of reply.setEncoding('utf8')) text += part as string;
    expect((JSON.parse(text) as { predictions: object[] }).predictions).toHaveLength(5_000);
    return reply.statusCode!;
  });
  await new Promise((resolve) => call.write(BULK.slice(0, -10), resolve));
  return { finish: () => void call.end(BULK.slice(-10)), status };
}

describe('the end of a server', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    '%s: what is in flight is answered and recorded, exit 0',
    async (signal) => {
      const server = await startServer();
      const agent = new Agent({ keepAlive: true });
      const calls = await Promise.all(Array.from({ length: 4 }, () => beginRequest(server, agent)));
      await server.post('/predict', TURNOVER_ROW);
      const ended = server.stop(signal);
      for (const { finish } of calls) finish();

      expect(await Promise.all(calls.map(({ status }) => status))).toEqual([200, 200, 200, 200]);
      expect(await ended).toMatchObject({
        code: 0,
        signal: null,
        seconds: expect.toSatisfy((s: number) => s < 5),
      });
      expect(readRecords(server.settings['PREDICTION_LOG_DIR']!)).toHaveLength(20_001);
      agent.destroy();
    },
  );

  it.each([200, 400, 600, 800, 1_000, 1_200])(
    'SIGTERM %i ms after the start is not lost',
    async (milliseconds) => {
      const server = spawnServer();
      await delay(milliseconds);

      // 143 while it starts, 0 when it serves, none before Node has begun; a signal that is lost leaves it running.
      expect([143, 0, null]).toContain((await server.stop()).code);
      expect(server.stderr).toBe('');
    },
  );

  it('an idle keep-alive connection does not hold it up', async () => {
    const server = await startServer();
    const agent = new Agent({ keepAlive: true });
    const call = request(`${server.url}/health/live`, { agent }).end();
    const [response] = (await once(call, 'response')) as [import('node:http').IncomingMessage];
    response.resume();
    await once(response, 'end');

    expect(await server.stop()).toMatchObject({ code: 0, seconds: expect.toSatisfy((s: number) => s < 5) });
    agent.destroy();
  });

  it('a connection that never sent a byte does not hold it up', async () => {
    const server = await startServer();
    const socket = connect(server.port, '127.0.0.1');
    await once(socket, 'connect');

    expect(await server.stop()).toMatchObject({ code: 0, seconds: expect.toSatisfy((s: number) => s < 5) });
    socket.destroy();
  });

  it('a process that stood still answers what came meanwhile', async () => {
    const server = await startServer();
    const socket = connect(server.port, '127.0.0.1').setEncoding('utf8');
    await once(socket, 'connect');
    await server.post('/predict', TURNOVER_ROW);
    const ended = server.stop();
    while (await isOpen(server.port)) await delay(10);
    server.child.kill('SIGSTOP');
    socket.write('GET /models HTTP/1.1\r\nhost: localhost\r\n\r\n');
    await delay(3_000);
    server.child.kill('SIGCONT');

    expect((await once(socket, 'data'))[0]).toMatch(/^HTTP\/1.1 200 OK\r\n/);
    expect(await ended).toMatchObject({ code: 0, signal: null });
    socket.destroy();
  });

  it('a second SIGTERM does no harm', async () => {
    const server = await startServer();
    const agent = new Agent({ keepAlive: true });
    const { finish, status } = await beginRequest(server, agent);
    // When this is answered, the head of the first request has been read too.
    await server.post('/predict', TURNOVER_ROW);
    const ended = server.stop();
    server.child.kill('SIGTERM');
    finish();
    void status.then(() => server.child.kill('SIGTERM'));

    expect(await status).toBe(200);
    expect(await ended).toMatchObject({ code: 0, signal: null });
    expect(server.stderr).toBe('');
    agent.destroy();
  });

  it('buffered records are in the files', async () => {
    const server = await startServer({ PREDICTION_LOG_DURABILITY: 'buffered' });
    await Promise.all(Array.from({ length: 50 }, () => server.post('/predict', TURNOVER_ROW)));

    expect(await server.stop()).toMatchObject({ code: 0 });
    expect(readRecords(server.settings['PREDICTION_LOG_DIR']!)).toHaveLength(50);
  });
});
