// How long a body is said to be and is; bodies that are too long, or that nobody reads.
import { chunked, IN_CHUNKS } from './maker.mjs';

const LENGTHS = ['abc', '-1', '+5', '0x5', '', ' ', '5,5', '5 5', '1e2', '99999999999999999999', '1.0'];
const CODINGS = [
  'gzip, chunked',
  'identity',
  'xchunked',
  'chunked, identity',
  'Chunked',
  'chunked, chunked',
  '',
];

export function lengthCases(maker) {
  return [...lengths(maker), ...tooLong(maker), ...unread(maker)];
}

function lengths(maker) {
  const { row } = maker;
  const said = (...lines) => maker.predict({ headers: lines.map((line) => `content-length: ${line}`) });
  const body = chunked(row, [30]);
  const beyond = [1, 500, 100_000].flatMap((extra) => [
    {
      name: `a length ${extra} too large, half closed`,
      pieces: said(row.length + extra),
      methods: [],
      end: 'half-close',
    },
    { name: `a length ${extra} too large, left`, pieces: said(row.length + extra), end: 'leave' },
  ]);
  return [
    ...LENGTHS.map((length) => ({ name: `Content-Length: ${length}`, pieces: said(length) })),
    { name: 'a length with a zero before', pieces: said(`0${row.length}`) },
    { name: 'two lengths, equal', pieces: said(row.length, row.length) },
    { name: 'two lengths, different', pieces: said(row.length, 1) },
    { name: 'a length that is too small', pieces: said(row.length - 20) },
    { name: 'length 0 and a body', pieces: said(0) },
    { name: 'length 0', pieces: maker.request('POST', '/predict', { body: '' }) },
    { name: 'no length', pieces: maker.request('POST', '/predict') },
    {
      name: 'a length and chunks',
      pieces: maker.typed({ headers: ['content-length: 5', ...IN_CHUNKS], body }),
    },
    {
      name: 'chunks and a length',
      pieces: maker.typed({ headers: [...IN_CHUNKS, 'content-length: 5'], body }),
    },
    ...CODINGS.map((coding) => ({
      name: `Transfer-Encoding: ${coding}`,
      pieces: maker.typed({ headers: [`transfer-encoding: ${coding}`], body }),
    })),
    ...beyond,
  ];
}

function tooLong(maker) {
  const { row, maxBody } = maker;
  const over = 'x'.repeat(maxBody + 1);
  const doors = [
    '/predict',
    '/v1/models/turnover:predict',
    '/models/iris/versions/1/predict',
    '/nope',
    '/sentiment',
  ];
  const headers = [`content-length: ${maxBody + 1}`];
  const inChunks = { headers: IN_CHUNKS, body: chunked(over, [500_000]) };
  return [
    ...doors.flatMap((path) => [
      { name: `a body over the limit to ${path}`, pieces: maker.request('POST', path, { body: over }) },
      { name: `a body over the limit in chunks to ${path}`, pieces: maker.request('POST', path, inChunks) },
    ]),
    {
      name: 'a body over the limit, closing',
      pieces: maker.predict({ body: over, headers: ['connection: close'] }),
      end: 'wait',
    },
    {
      name: 'a body over the limit on GET /',
      pieces: maker.request('GET', '/', { body: over }),
      methods: ['GET'],
    },
    { name: 'a body of the limit', pieces: maker.predict({ body: row.padEnd(maxBody) }) },
    { name: 'a length over the limit, half closed', pieces: maker.predict({ headers }), end: 'half-close' },
  ];
}

/** Bodies of requests that are refused or read none; the next request on the connection must be found behind them. */
function unread(maker) {
  const then = (name, bytes, method = 'POST') => ({
    name: `${name}, then another request`,
    pieces: Buffer.concat([bytes, maker.predict()]),
    methods: [method, 'POST'],
  });
  const asked = [
    ['GET', '/apitest'],
    ['GET', '/models'],
    ['GET', '/predict'],
    ['HEAD', '/apitest'],
    ['DELETE', '/predict'],
    ['OPTIONS', '/predict'],
  ];
  const nowhere = ['/nope', '/models/nobody/predict', '/%zz', '/predict/x'];
  return [
    ...asked.map(([method, path]) =>
      then(`a body on ${method} ${path}`, maker.request(method, path, { body: maker.row }), method),
    ),
    ...[10, 70_000, 300_000].flatMap((size) => {
      const body = JSON.stringify('x'.repeat(size));
      return [
        ...nowhere.map((path) => then(`${size} bytes to ${path}`, maker.request('POST', path, { body }))),
        then(`${size} bytes of text/plain`, maker.predict({ body, type: 'text/plain' })),
        { name: `${size} bytes of no JSON`, pieces: maker.predict({ body: '['.repeat(size) }) },
      ];
    }),
  ];
}
