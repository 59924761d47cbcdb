// What a client says of the connection: its version, `Connection`, `Expect`, and how it ends it.
import { behindHeaders, chunked, IN_CHUNKS } from './maker.mjs';

export function connectionCases(maker) {
  return [...expectations(maker), ...versions(maker), ...endings(maker)];
}

function expectations(maker) {
  const headers = ['expect: 100-continue'];
  const { row } = maker;
  const inTwo = (name, bytes) => ({ name: `Expect ${name}`, pieces: behindHeaders(bytes) });
  const tooLong = [...headers, `content-length: ${maker.maxBody + 1}`];
  return [
    { name: 'Expect, body at once', pieces: maker.predict({ headers }) },
    inTwo('and then the body', maker.predict({ headers })),
    inTwo('of many rows', maker.batch(400, { headers })),
    inTwo('in chunks', maker.typed({ headers: [...headers, ...IN_CHUNKS], body: chunked(row, [40]) })),
    inTwo('with a wrong type', maker.predict({ headers, type: 'text/plain' })),
    inTwo('with a bad row', maker.predict({ headers, body: '{}' })),
    // Refused at once: these clients send no body.
    {
      name: 'Expect to no route',
      pieces: behindHeaders(maker.request('POST', '/nope', { headers, body: row }))[0],
    },
    {
      name: 'Expect to no model',
      pieces: behindHeaders(maker.request('POST', '/models/nobody/predict', { headers, body: row }))[0],
    },
    {
      name: 'Expect of a body too large',
      pieces: maker.request('POST', '/predict', { headers: tooLong, body: '' }),
    },
    { name: 'Expect something else', pieces: maker.predict({ headers: ['expect: 200-ok'] }) },
    { name: 'Expect by HTTP/1.0', pieces: maker.predict({ headers, version: '1.0' }) },
    {
      name: 'Expect without a body',
      pieces: maker.request('GET', '/apitest', { headers }),
      methods: ['GET'],
    },
    {
      name: 'Expect, then another request',
      pieces: Buffer.concat([maker.predict({ headers }), maker.typed()]),
      methods: ['POST', 'POST'],
    },
  ];
}

function versions(maker) {
  const cases = [];
  for (const version of ['1.0', '1.1']) {
    for (const connection of ['close', 'keep-alive', 'close, x', 'Close', 'x', 'upgrade']) {
      const headers = [`connection: ${connection}`];
      const name = `HTTP/${version}, Connection: ${connection}`;
      cases.push(
        { name, pieces: maker.predict({ version, headers }) },
        { name: `${name}, bad row`, pieces: maker.predict({ version, headers, body: '{}' }) },
        { name: `${name}, no JSON`, pieces: maker.predict({ version, headers, body: '{' }) },
        {
          name: `${name}, no route`,
          pieces: maker.request('POST', '/nope', { version, headers, body: maker.row }),
        },
      );
    }
  }
  for (const version of ['0.9', '1.2', '2.0', '1', '11', 'x']) {
    cases.push({ name: `HTTP/${version}`, pieces: maker.predict({ version }) });
  }
  const inChunks = { headers: IN_CHUNKS, body: chunked(maker.row, [40]) };
  const closing = maker.predict({ headers: ['connection: close'] });
  const http2 = ['connection: upgrade, http2-settings', 'upgrade: h2c', 'http2-settings: AAMAAABkAAQAAP__'];
  const upgrade = ['connection: upgrade', 'upgrade: websocket'];
  return [
    ...cases,
    { name: 'HTTP/1.0', pieces: maker.predict({ version: '1.0' }) },
    { name: 'HTTP/1.0 without a host', pieces: maker.predict({ version: '1.0', host: undefined }) },
    { name: 'HTTP/1.0 in chunks', pieces: maker.typed({ version: '1.0', ...inChunks }) },
    {
      name: 'HTTP/1.0, then another',
      pieces: Buffer.concat([maker.predict({ version: '1.0' }), maker.predict()]),
    },
    { name: 'Connection: close, then another request', pieces: Buffer.concat([closing, maker.predict()]) },
    {
      name: 'upgrade to h2c',
      pieces: maker.request('GET', '/apitest', { headers: http2 }),
      methods: ['GET'],
    },
    {
      name: 'upgrade to websocket',
      pieces: maker.request('GET', '/apitest', { headers: upgrade }),
      methods: ['GET'],
    },
    { name: 'no host', pieces: maker.predict({ host: undefined }) },
    { name: 'two hosts', pieces: maker.predict({ headers: ['host: a'] }) },
    { name: 'an empty host', pieces: maker.predict({ host: '' }) },
  ];
}

/** The client closes its side, or goes. Half closed before the reply, it gets one or none: that is a race, and no case. */
function endings(maker) {
  const [first, second] = [maker.predict(), maker.typed()];
  const three = Buffer.concat([maker.predict(), maker.typed(), maker.batch(5)]);
  const end = 'half-close';
  return [
    { name: 'half closed after a request', pieces: maker.predict(), end },
    { name: 'half closed after three requests', pieces: three, methods: ['POST', 'POST', 'POST'], end },
    { name: 'half closed within the headers', pieces: first.subarray(0, 30), methods: [], end },
    { name: 'half closed within the body', pieces: first.subarray(0, -30), methods: [], end },
    {
      name: 'half closed within the second request',
      pieces: Buffer.concat([maker.predict(), second.subarray(0, -30)]),
      end,
    },
    { name: 'half closed at once', pieces: [], methods: [], end },
    { name: 'left within the headers', pieces: first.subarray(0, 30), end: 'leave' },
    { name: 'left within the body', pieces: first.subarray(0, -30), end: 'leave' },
  ];
}
