// The doors taken over from published services, each in the form of its own.
import { LEGAL, membersOf, rowText } from './rows.mjs';
import { NUMBERS } from './strange.mjs';

export function publishedDoors(rows, random) {
  return [
    posted('POST /predict', '/predict', () => rowText(membersOf(rows.turnover, random))),
    irisDoor('iris', rows.iris, random),
    irisDoor('iris-deepaas', rows.iris, random),
    posted('POST /katana-ml/api/v1.0/diabetes', '/katana-ml/api/v1.0/diabetes', () =>
      katanaBody(rows.diabetes, random),
    ),
    posted('POST /sentiment', '/sentiment', () => sentimentBody(rows['sentiment-deep'], random)),
    { name: 'GET /?query=', request: () => queried(rows.sentiment, random) },
    { name: 'GET / with a body', request: () => queriedByBody(rows.sentiment, random) },
  ];
}

/** A door that takes JSON; `body` makes one. */
export function posted(name, path, body) {
  return { name, request: () => ({ method: 'POST', path, type: 'application/json', body: body() }) };
}

function irisDoor(model, rows, random) {
  const path = `/v2/models/${model}/predict/`;
  const request = () => {
    const values = rows.legal().map(([, value]) => value);
    if (!random.chance(LEGAL)) tamperValues(values, random);
    const query = values.map((value) => `data=${encodeURIComponent(value)}`).join('&');
    const forms = [query, query.replaceAll('data=', 'data[]='), `data=${values.join(',')}`, `${query}&x=1`];
    const form = random.chance(0.9) ? query : random.pick(forms);
    const body = random.pick([undefined, undefined, undefined, '', '{}', 'x']);
    return { method: 'POST', path: `${path}?${form}`, type: body && 'application/json', body };
  };
  return { name: `POST ${path}`, request };
}

function tamperValues(values, random) {
  for (let change = random.pick([1, 1, 2]); change > 0; change--) {
    const at = random.int(0, values.length - 1);
    const kind = random.int(0, 4);
    if (kind === 0) values.pop();
    else if (kind === 1) values.push('1');
    else values[at] = random.pick(NUMBERS);
  }
}

function katanaBody(rows, random) {
  const values = rows.legal().map(([, value]) => value);
  if (!random.chance(LEGAL)) tamperValues(values, random);
  const data = JSON.stringify(values.join(random.pick([',', ',', ', '])));
  if (random.chance(0.9)) return `{"data":${data}}`;
  const strange = [
    '{}',
    'null',
    '[]',
    '5',
    data,
    `{"data":[${values.length}]}`,
    '{"data":5}',
    '{"data":null}',
  ];
  return random.pick([
    ...strange,
    `{"data":${data},"x":1}`,
    `{"data":"x","data":${data}}`,
    `{"__proto__":${data}}`,
  ]);
}

function sentimentBody(rows, random) {
  const count = 1 + Math.floor(40 * random.next() ** 4);
  const refs = Array.from({ length: count }, (_, row) =>
    random.pick([String(row), `"r${row}"`, '1.50', '"é💩"']),
  );
  const texts = refs.map(() => rows.jsonText(rows.text()));
  if (!random.chance(LEGAL)) {
    const odd = ['null', 'true', '{}', '[]', '1e400', '5', '"x"', '-0', '"__proto__"'];
    const list = random.pick([refs, texts]);
    if (random.chance(0.3)) list.pop();
    else if (random.chance(0.2)) list.splice(0);
    else list[random.int(0, count - 1)] = random.pick(odd);
  }
  const body = `{"ref":[${refs.join(',')}],"text":[${texts.join(',')}]}`;
  const forms = [
    body,
    JSON.stringify(body),
    `"${body}`,
    `{"text":[${texts.join(',')}]}`,
    `{"ref":1,"text":[]}`,
    '"x"',
    'null',
  ];
  return random.chance(0.8)
    ? body
    : random.pick([...forms, `${body.slice(0, -1)},"x":1}`, JSON.stringify(body)]);
}

function queried(rows, random) {
  const text = rows.text();
  const query = Buffer.from(text).reduce((all, byte) => all + encodedByte(byte, random), '');
  const forms = [
    `query=${query}&query=x`,
    `query[]=${query}`,
    'query',
    'query=',
    'x=1',
    'query=%zz',
    'query=%ff',
  ];
  const odd = [
    ...forms,
    'query=%ED%A0%80',
    'query=a;b',
    `Query=${query}`,
    `query=${query}#x`,
    '',
    '__proto__=x',
  ];
  return { method: 'GET', path: `/?${random.chance(0.85) ? `query=${query}` : random.pick(odd)}` };
}

function encodedByte(byte, random) {
  const letter = String.fromCharCode(byte);
  if (/[A-Za-z0-9._~-]/.test(letter) && !random.chance(0.02)) return letter;
  if (letter === ' ' && random.chance(0.5)) return '+';
  return `%${byte.toString(16).padStart(2, '0')}`;
}

function queriedByBody(rows, random) {
  const text = rows.text();
  const form = `query=${encodeURIComponent(text.toWellFormed())}`;
  const json = `{"query":${rows.jsonText(text)}}`;
  const odd = [
    '',
    'query',
    'x=1',
    `${form}&query=x`,
    'query=%zz',
    'a=1&'.repeat(99),
    'a=1&'.repeat(101),
    '[]',
    'null',
  ];
  const body = random.chance(0.4)
    ? form
    : random.chance(0.6)
      ? json
      : random.pick([...odd, '5', '"x"', `${json}}`]);
  const likely = body.startsWith('{') ? 'application/json' : 'application/x-www-form-urlencoded';
  const types = [
    likely,
    'application/json',
    'application/x-www-form-urlencoded',
    'text/plain',
    undefined,
    'x',
  ];
  const path = random.pick(['/', '/', '/', '/', '/?', '/?x=1', '/?query=good']);
  return { method: 'GET', path, type: random.chance(0.85) ? likely : random.pick(types), body };
}
