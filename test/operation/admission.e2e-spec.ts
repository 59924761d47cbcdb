import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { vi } from 'vitest';
import { Backlog } from '../../src/pipeline/backlog.js';
import { createTestApp } from '../support/create-app.js';
import { metric, series } from '../support/metrics.js';
import { problem } from '../support/shapes.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

const ROUTE = '/v1/models/turnover:predict';
const app = await createTestApp({ ADMISSION_BYTES: '2000000', MAX_BODY_BYTES: '8000000' });
await app.app.listen(0, '127.0.0.1');
const { port } = app.app.getHttpServer().address() as { port: number };
const url = `http://127.0.0.1:${port}`;
const zero = (await app.get('/metrics')).text;

const JSON_TYPE = { 'content-type': 'application/json' };
const LARGE = JSON.stringify({ instances: Array.from({ length: 5_000 }, () => TURNOVER_ROW) });
const OVERLOADED = problem('overloaded', 503, {
  detail: 'the server holds all that it can at the moment; try again later',
});

const head = (bytes: number, more = ''): string =>
  `POST ${ROUTE} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${bytes}\r\n${more}\r\n`;
const held = async (): Promise<number> =>
  metric((await app.get('/metrics')).text, 'nestor_admission_held_bytes');
const refused = async (reason = 'memory'): Promise<number> =>
  metric((await app.get('/metrics')).text, 'nestor_admission_refused_total', { reason });
const untilNothingIsHeld = (): Promise<void> => vi.waitFor(async () => expect(await held()).toBe(0));

/** Takes all that large calls may have, by an upload that goes no further; it is taken alone, though it is larger. */
async function fill(): Promise<Socket> {
  await untilNothingIsHeld();
  const socket = connect(port, '127.0.0.1');
  socket.write(`${head(7_000_000)}{"instances":[`);
  await vi.waitFor(async () => expect(await held()).toBeGreaterThan(7_000_000));
  return socket;
}

/** Sends all of `body` and only then listens, over a connection that is kept. */
async function post(
  agent: Agent,
  path: string,
  body: string,
  headers: object = {},
): Promise<[number, string]> {
  const sent = request(url + path, { agent, method: 'POST', headers: { ...JSON_TYPE, ...headers } });
  sent.end(body);
  const [, [response]] = (await Promise.all([once(sent, 'finish'), once(sent, 'response')])) as [
    unknown,
    [import('node:http').IncomingMessage],
  ];
  let text = '';
  for await (const part of response.setEncoding('utf8')) text += part as string;
  return [response.statusCode!, text];
}

/** What comes first on a new connection after `bytes`. */
async function firstAnswer(bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  socket.write(bytes);
  const [text] = (await once(socket, 'data')) as [string];
  socket.destroy();
  return text;
}

describe('a server that holds all that it may', () => {
  let holder: Socket;
  beforeEach(async () => {
    holder = await fill();
  });
  afterEach(() => void holder.destroy());

  it('refuses a large call unread, says when to come back, and keeps the connection', async () => {
    const reply = await fetch(url + ROUTE, { method: 'POST', headers: JSON_TYPE, body: LARGE });

    expect(reply.status).toBe(503);
    expect(reply.headers.get('retry-after')).toMatch(/^[1-9]\d?$/);
    expect(reply.headers.get('connection')).toBe('keep-alive');
    expect(reply.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(await reply.json()).toEqual(OVERLOADED);
  });

  it.each([
    ['whose length is told', { 'content-length': LARGE.length }],
    ['in chunks', { 'transfer-encoding': 'chunked' }],
  ])(
    'refuses a body %s so that who sends all before listening hears it, and is served after',
    async (_, how) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const [status, text] = await post(agent, ROUTE, LARGE, how);
      expect([status, JSON.parse(text)]).toEqual([503, OVERLOADED]);
      const [port] = Object.values(agent.freeSockets)
        .flat()
        .map((socket) => socket!.localPort);

      expect(await post(agent, '/predict', JSON.stringify(TURNOVER_ROW))).toEqual([200, '{"prediction":1}']);
      expect(
        Object.values(agent.freeSockets)
          .flat()
          .map((socket) => socket!.localPort),
      ).toEqual([port]);
      agent.destroy();
    },
  );

  it('lets a caller hear it who wants the connection closed, and closes it', async () => {
    const agent = new Agent();
    const [status, text] = await post(agent, ROUTE, LARGE);

    expect([status, JSON.parse(text)]).toEqual([503, OVERLOADED]);
    await vi.waitFor(() => expect(Object.keys(agent.sockets)).toEqual([]));
  });

  it('answers small calls, also those in chunks, and everything that has no body', async () => {
    const agent = new Agent();
    const row = JSON.stringify(TURNOVER_ROW);

    expect(await post(agent, '/predict', row)).toEqual([200, '{"prediction":1}']);
    expect(await post(agent, '/predict', row, { 'transfer-encoding': 'chunked' })).toEqual([
      200,
      '{"prediction":1}',
    ]);
    for (const path of ['/health/live', '/health/ready', '/metrics', '/models', '/openapi.json']) {
      expect((await fetch(url + path)).status).toBe(200);
    }
  });

  it('says no to who asks before sending, and ends that connection', async () => {
    const answer = await firstAnswer(head(LARGE.length, 'expect: 100-continue\r\n'));

    expect(answer).toMatch(/^HTTP\/1\.1 503 /);
    expect(answer).toMatch(/^connection: close\r$/im);
  });

  it('counts what it refuses', async () => {
    const before = await refused();
    await fetch(url + ROUTE, { method: 'POST', headers: JSON_TYPE, body: LARGE });

    expect(await refused()).toBe(before + 1);
  });

  it('lets a browser read the refusal', async () => {
    const headers = { ...JSON_TYPE, origin: 'https://app.example.com' };
    const reply = await fetch(url + ROUTE, { method: 'POST', headers, body: LARGE });

    expect(reply.headers.get('access-control-allow-origin')).toBe('*');
  });
});

it('counts by a reason of their own those who are refused when their body has been read', async () => {
  // A small body has no large one before it; its rows need several runs, and wait behind the others that do.
  const rows = JSON.stringify({ instances: Array.from({ length: 200 }, () => TURNOVER_ROW) });
  const backlog = app.app.get(Backlog);
  backlog.add(100, true);
  const reply = await fetch(url + ROUTE, { method: 'POST', headers: JSON_TYPE, body: rows });
  backlog.add(-100, true);

  expect(await reply.json()).toEqual(
    problem('overloaded', 503, {
      detail: 'more calls wait for this model than it can answer in time; try again later',
    }),
  );
  expect([await refused('late'), await refused('wait')]).toEqual([1, 0]);
});

describe('a server with room', () => {
  it('says yes to who asks before sending', async () => {
    await untilNothingIsHeld();

    expect(await firstAnswer(head(LARGE.length, 'expect: 100-continue\r\n'))).toBe(
      'HTTP/1.1 100 Continue\r\n\r\n',
    );
  });

  it('has all bytes back after answers, faults, and callers who hang up', async () => {
    const gone = connect(port, '127.0.0.1');
    gone.write(`${head(1_000_000)}{"instances":[`);
    await vi.waitFor(async () => expect(await held()).toBeGreaterThan(0));
    gone.destroy();
    await untilNothingIsHeld();
    const agent = new Agent();
    const statuses = [];
    for (const body of [
      LARGE,
      `${LARGE}?`,
      LARGE.replace('support', 'nothing'),
      '{}',
      'x'.repeat(9_000_000),
    ]) {
      for (const how of [{ 'content-length': body.length }, { 'transfer-encoding': 'chunked' }]) {
        if (body.length < 8_000_000 || 'content-length' in how)
          statuses.push((await post(agent, ROUTE, body, how))[0]);
      }
    }

    expect(statuses).toEqual([200, 200, 400, 400, 400, 400, 400, 400, 413]);
    await untilNothingIsHeld();
    const { text } = await app.get('/metrics');
    expect(metric(text, 'nestor_admission_requests', { size: 'small' })).toBe(0);
    expect(metric(text, 'nestor_admission_requests', { size: 'large' })).toBe(0);
  });

  it('refuses a body over the limit so that who sends all before listening hears it', async () => {
    const agent = new Agent({ keepAlive: true });
    const [status, text] = await post(agent, ROUTE, 'x'.repeat(9_000_000), { 'content-length': 9_000_000 });

    expect([status, JSON.parse(text)]).toEqual([413, problem('body_too_large', 413)]);
    agent.destroy();
  });

  it('has every series at zero from the start', () => {
    const own = series(zero).filter((name) => name.startsWith('nestor_admission_'));

    expect(own).toEqual([
      'nestor_admission_budget_bytes',
      'nestor_admission_held_bytes',
      'nestor_admission_requests{size="small"}',
      'nestor_admission_requests{size="large"}',
      'nestor_admission_refused_total{reason="memory"}',
      'nestor_admission_refused_total{reason="wait"}',
      'nestor_admission_refused_total{reason="late"}',
      'nestor_admission_ended_total{reason="slow_upload"}',
      'nestor_admission_ended_total{reason="unread_reply"}',
    ]);
    expect(metric(zero, 'nestor_admission_budget_bytes')).toBe(2_000_000);
    for (const name of own.slice(1)) {
      expect(zero).toContain(`${name} 0\n`);
    }
  });
});
