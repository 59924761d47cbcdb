// Several requests at once, one in several pieces, and bytes that are not UTF-8.
import { behindHeaders, cut } from './maker.mjs';

export function pieceCases(maker) {
  return [...pipelined(maker), ...inPieces(maker), ...withinCharacters(maker), ...wrongBytes(maker)];
}

/** What may stand in a pipeline: requests after which the connection is kept, good and bad. */
const KINDS = [
  ['POST', (maker) => maker.predict()],
  ['POST', (maker) => maker.typed()],
  ['POST', (maker) => maker.batch(maker.random.pick([1, 3, 40, 200]))],
  ['POST', (maker) => maker.predict({ body: '{"salary":5}' })],
  ['POST', (maker) => maker.predict({ type: 'text/plain' })],
  ['POST', (maker) => maker.request('POST', '/nope', { body: maker.row })],
  ['POST', (maker) => maker.request('POST', '/models/nobody/predict', { body: maker.row })],
  ['PUT', (maker) => maker.request('PUT', '/predict', { body: maker.row })],
  ['GET', (maker) => maker.request('GET', '/apitest')],
  ['GET', (maker) => maker.request('GET', '/?query=good')],
  [
    'GET',
    (maker) => maker.request('GET', '/', { body: 'query=good', type: 'application/x-www-form-urlencoded' }),
  ],
  ['HEAD', (maker) => maker.request('HEAD', '/apitest')],
  ['POST', (maker) => maker.request('POST', '/v2/models/iris/predict/?data=5.1&data=3.5&data=1.4&data=0.2')],
  [
    'POST',
    (maker) => maker.request('POST', '/sentiment', { body: '{"ref":[1,2],"text":["I am well","bad"]}' }),
  ],
  [
    'POST',
    (maker) =>
      maker.request('POST', '/katana-ml/api/v1.0/diabetes', {
        body: '{"data":"1,106,70,28,135,34.2,0.142,22"}',
      }),
  ],
];

function pipelined(maker) {
  const { random } = maker;
  const cases = [];
  for (let count = 2; count <= 10; count++) {
    for (let time = 0; time < 4; time++) {
      const chosen = Array.from({ length: count }, () => random.pick(KINDS)).map(([method, make]) => [
        method,
        make(maker),
      ]);
      // One that closes the connection comes last: those behind it would be run or not, as pieces come sooner or later.
      if (time % 2 === 1) chosen[count - 1] = ['POST', maker.predict({ body: maker.row.slice(0, -1) })];
      const bytes = Buffer.concat(chosen.map(([, each]) => each));
      const isCut = time > 1;
      cases.push({
        name: `${count} requests at once${isCut ? ', cut' : ''}`,
        pieces: isCut ? maker.cutAnywhere(bytes, random.int(1, 6)) : bytes,
        methods: chosen.map(([method]) => method),
      });
    }
  }
  return cases;
}

function inPieces(maker) {
  const cases = [];
  for (const make of [() => maker.predict(), () => maker.typed(), () => maker.batch(3)]) {
    for (let time = 0; time < 8; time++) {
      cases.push({ name: 'one request in two pieces', pieces: maker.cutAnywhere(make(), 1) });
      const more = maker.random.int(2, 20);
      cases.push({ name: 'one request in many pieces', pieces: maker.cutAnywhere(make(), more) });
    }
    cases.push({ name: 'headers and body apart', pieces: behindHeaders(make()) });
  }
  const small = maker.typed();
  const everywhere = Array.from({ length: small.length - 1 }, (_, at) => at + 1);
  return [
    ...cases,
    { name: 'one request byte by byte', pieces: cut(small, ...everywhere) },
    { name: 'a large body in one piece', pieces: maker.batch(1_000) },
    { name: 'a large body in pieces', pieces: maker.cutAnywhere(maker.batch(1_000), 30) },
  ];
}

function withinCharacters(maker) {
  return ['café', '{"text":"💩 é"}'].flatMap((body) =>
    Array.from({ length: 7 }, (_, at) => {
      const bytes = maker.text(body);
      return { name: 'cut within a character', pieces: cut(bytes, bytes.length - at - 1) };
    }),
  );
}

function wrongBytes(maker) {
  const wrong = [
    [0x80],
    [0xc3],
    [0xed, 0xa0, 0x80],
    [0xf8, 0x88, 0x80, 0x80, 0x80],
    [0xc0, 0xaf],
    [0xff, 0xfe],
  ];
  return wrong.flatMap((bad) => {
    const body = Buffer.concat([Buffer.from('{"text":"good '), Buffer.from(bad), Buffer.from('"}')]);
    const bytes = maker.text(body);
    return [
      { name: 'wrong UTF-8', pieces: bytes },
      { name: 'wrong UTF-8, cut', pieces: cut(bytes, bytes.length - 3) },
    ];
  });
}
