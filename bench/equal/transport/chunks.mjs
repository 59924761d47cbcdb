// Bodies in chunks.
import { chunked, IN_CHUNKS } from './maker.mjs';

const CRLF = '\r\n';
const FORM = 'application/x-www-form-urlencoded';

export function chunkCases(maker) {
  const { row, random } = maker;
  const headers = IN_CHUNKS;
  const raw = (body) => maker.typed({ headers, body });
  const onGet = (path, body, sizes) => ({
    pieces: maker.request('GET', path, { headers, type: FORM, body: chunked(body, sizes) }),
    methods: ['GET'],
  });
  const anywhere = Array.from({ length: 16 }, (_, time) => {
    const framing = time % 4 === 0 ? { extension: ';a=b', trailers: `x: y${CRLF}` } : {};
    const bytes = maker.inChunks(row, [random.int(1, 60), random.int(1, 200)], framing);
    return { name: 'chunks, cut anywhere', pieces: maker.cutAnywhere(bytes, random.int(1, 6)) };
  });
  const trailers = `x-after: 1${CRLF}content-type: text/plain${CRLF}`;
  const hex = row.length.toString(16);
  return [
    { name: 'one chunk', pieces: maker.inChunks(row, [10_000]) },
    { name: 'chunks of a byte', pieces: maker.inChunks(row, [1]) },
    {
      name: 'chunks with extensions',
      pieces: maker.inChunks(row, [7, 30], { extension: ';name=value;x="y"' }),
    },
    { name: 'chunks with trailers', pieces: maker.inChunks(row, [50], { trailers }) },
    { name: 'an empty chunked body', pieces: maker.inChunks('', [1]) },
    { name: 'chunks of what is not JSON', pieces: maker.inChunks(row.slice(1), [9]) },
    { name: 'chunks of a wrong type', pieces: maker.inChunks(row, [9], {}, { type: 'text/plain' }) },
    { name: 'chunks without a type', pieces: maker.inChunks(row, [9], {}, { type: undefined }) },
    { name: 'chunks of wrong UTF-8', pieces: maker.inChunks(Buffer.from([0x7b, 0xff, 0x7d]), [2]) },
    { name: 'a character across chunks', pieces: maker.text(chunked('{"text":"💩 é"}', [1]), { headers }) },
    { name: 'a chunk size that is none', pieces: raw(`x${CRLF}${row}${CRLF}0${CRLF}${CRLF}`) },
    { name: 'a chunk longer than it says', pieces: raw(`5${CRLF}${row}${CRLF}0${CRLF}${CRLF}`) },
    { name: 'a chunk size beyond all', pieces: raw(`fffffffffffffffff${CRLF}${row}`) },
    { name: 'zeros before chunk sizes', pieces: raw(`000${hex}${CRLF}${row}${CRLF}000${CRLF}${CRLF}`) },
    {
      name: 'chunks that do not end',
      pieces: maker.inChunks(row, [20], { last: '5' }),
      methods: [],
      end: 'half-close',
    },
    { name: 'chunks that are left', pieces: maker.inChunks(row, [40]).subarray(0, -30), end: 'leave' },
    {
      name: 'chunks to no route',
      pieces: maker.request('POST', '/nope', { headers, body: chunked(row, [20]) }),
    },
    {
      name: 'chunks for a method that is not allowed',
      pieces: maker.request('PUT', '/predict', { headers, body: chunked(row, [20]) }),
      methods: ['PUT'],
    },
    { name: 'chunks on a GET', ...onGet('/', 'query=good', [3]) },
    { name: 'chunks on a GET that reads none', ...onGet('/apitest', row, [30]) },
    { name: 'chunks of more than a GET may have', ...onGet('/', 'x'.repeat(20_000), [5_000]) },
    {
      name: 'many rows in chunks',
      pieces: maker.batch(0, { headers, body: chunked(maker.many(1_000), [8_000, 10]) }),
    },
    {
      name: 'chunks, then another request',
      pieces: Buffer.concat([maker.inChunks(row, [30]), maker.predict()]),
      methods: ['POST', 'POST'],
    },
    ...anywhere,
  ];
}
