import fastify, { type FastifyInstance } from 'fastify';
import { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { atEnd } from '../../test/support/clean-up.js';
import { readBody, WholeBodyRequest } from './whole-body.js';

const LARGE = 5_000_000;
const HEAD = 'POST / HTTP/1.1\r\nhost: here\r\ncontent-type: application/json\r\n';
const seen: string[] = [];

async function listen(Request: typeof IncomingMessage): Promise<FastifyInstance> {
  const server = fastify({ http: { IncomingMessage: Request }, forceCloseConnections: true });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', (request, _payload, done) => {
    readBody(request, done);
    seen.push(request.raw.listenerCount('data') > 0 ? 'stream' : 'whole');
  });
  server.post('/', (request) => ({
    bytes: (request.body as Buffer).length,
    text: (request.body as Buffer).toString('hex', 0, 20),
  }));
  server.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    seen.push(error.message);
    void reply.status(error.statusCode ?? 500).send({ fault: error.message });
  });
  await server.listen({ port: 0, host: '127.0.0.1' });
  atEnd(() => server.close());
  return server;
}

/** Sends pieces one after another, and gives what comes back until the connection ends. */
function send(server: FastifyInstance, pieces: readonly string[]): Promise<string> {
  const socket = connect((server.server.address() as AddressInfo).port, '127.0.0.1');
  return new Promise((resolve, reject) => {
    let answer = '';
    socket.on('data', (data) => (answer += data.toString()));
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
    void (async () => {
      for (const piece of pieces) {
        socket.write(piece);
        await new Promise((next) => setTimeout(next, 5));
      }
    })();
  });
}

const bodies = (answer: string): unknown[] =>
  [...answer.matchAll(/\r\n\r\n(\{[^}]*\})/g)].map(([, json]) => JSON.parse(json!) as unknown);
const told = (text: string) => ({ bytes: text.length, text: Buffer.from(text).toString('hex', 0, 20) });

describe.each([
  ['taken whole', WholeBodyRequest, 'whole'],
  ['read as a stream, as in a Node without the method', IncomingMessage, 'stream'],
])('a body %s', async (_, Request, way) => {
  const server = await listen(Request);
  beforeEach(() => seen.splice(0));

  it.each([
    ['in one piece', ['{"a":1}']],
    ['cut anywhere', ['{', '"a', '":1', '}']],
    ['empty', ['']],
    ['of many pieces of the network', [' '.repeat(LARGE)]],
  ])('%s', async (_name, pieces) => {
    const body = pieces.join('');
    const head = `${HEAD}connection: close\r\ncontent-length: ${body.length}\r\n\r\n`;
    expect(bodies(await send(server, [head + pieces[0], ...pieces.slice(1)]))).toEqual([told(body)]);
    expect(seen).toEqual([way]);
  });

  it('with others behind it on the connection', async () => {
    const one = `${HEAD}content-length: 3\r\n\r\n`;
    const last = `${HEAD}connection: close\r\ncontent-length: 3\r\n\r\n`;
    const answer = await send(server, [`${one}abc${one}d`, `ef${one}ghi${last}j`, 'kl']);
    expect(bodies(answer)).toEqual(['abc', 'def', 'ghi', 'jkl'].map(told));
    expect(seen).toEqual([way, way, way, way]);
  });

  it('whose caller hangs up', async () => {
    const socket = connect((server.server.address() as AddressInfo).port, '127.0.0.1');
    socket.write(`${HEAD}content-length: 10\r\n\r\n{`);
    await vi.waitFor(() => expect(seen).toEqual([way]));
    socket.destroy();
    await vi.waitFor(() => expect(seen).toEqual([way, 'aborted']));
  });

  it('whose length is not told is read as a stream', async () => {
    const answer = await send(server, [
      `${HEAD}connection: close\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`,
    ]);
    expect(bodies(answer)).toEqual([told('abc')]);
    expect(seen).toEqual(['stream']);
  });
});

it('Node has the method that ends the stream of a request; without it every body is read as a stream', () => {
  expect(IncomingMessage.prototype).toHaveProperty('_dumpAndCloseReadable');
});
