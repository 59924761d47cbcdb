// The requests of a run, as bytes: those of each door with all that any request can have wrong, and those of the other
// routes.
import { gzipSync } from 'node:zlib';
import { doorsOf } from './doors.mjs';
import { GOOD_TYPES, HEADERS, METHODS, MODELS, OTHER_ROUTES, TYPES, VERSIONS } from './strange.mjs';

/** The calls of all doors in turn: `{door, label, method, bytes}`; `each` of every door, and those of many rows. */
export function* corpusOf({ artifacts, random, each, isBulky }) {
  let number = 0;
  const doors = [...doorsOf(artifacts, random), { name: 'other routes', request: () => otherRoute(random) }];
  for (let round = 0; round < each; round++) {
    for (const { name, request } of doors) yield toCall(name, ++number, tampered(request(), random));
  }
  for (const { name, bulk } of isBulky ? doors : []) {
    for (const request of bulk?.() ?? [])
      yield toCall(`${name}, many rows`, ++number, { ...request, headers: [] });
  }
}

/** A request with what callers send besides, now and then wrong. */
function tampered(request, random) {
  const tampering = { ...request, headers: [] };
  for (let more = random.pick([0, 0, 0, 1, 1, 2, 4]); more > 0; more--)
    tampering.headers.push(random.pick(HEADERS));
  if (random.chance(0.03)) tampering.type = random.pick(GOOD_TYPES);
  if (random.chance(0.75)) return tampering;
  const changes = [tamperMethod, tamperPath, tamperType, tamperEncoding, tamperBytes, tamperBytes, preflight];
  random.pick(changes)(tampering, random);
  return tampering;
}

function tamperMethod(request, random) {
  request.method = random.pick(METHODS);
  if (random.chance(0.5)) request.body = undefined;
}

function tamperPath(request, random) {
  const { path } = request;
  const [bare, query] = path.split('?', 2);
  const versioned = path.replace('/versions/1/', `/versions/${random.pick(VERSIONS)}/`);
  const changes = [
    path.replace(/(turnover|diabetes|iris|sentiment-deep|sentiment)/, random.pick(MODELS)),
    path.replace(/(turnover|diabetes|iris|sentiment-deep|sentiment)/, random.pick(MODELS)),
    versioned,
    `${bare}/${query === undefined ? '' : `?${query}`}`,
    `/${path}`,
    `${path}${path.includes('?') ? '&' : '?'}x=1&__proto__=y`,
    path.toUpperCase(),
    path.replace(':predict', random.pick(['%3Apredict', '%3apredict', ':', ':explain', '::predict', ''])),
    path.replace(/[a-z](?=[^%]*$)/, (letter) => `%${letter.charCodeAt(0).toString(16)}`),
    `${path}%`,
    `${path}#fragment`,
  ];
  request.path = random.pick(versioned === path ? changes : [...changes, versioned, versioned]);
}

function tamperType(request, random) {
  request.type = random.pick([undefined, ...TYPES]);
}

function tamperEncoding(request, random) {
  const { body = '' } = request;
  const [encoding, bytes] = random.pick([
    ['gzip', gzipSync(body)],
    ['gzip', body],
    ['br', body],
    ['identity, gzip', body],
    ['', body],
  ]);
  request.headers.push(['content-encoding', encoding]);
  request.body = bytes;
}

function tamperBytes(request, random) {
  const text = request.body ?? '';
  const at = random.int(0, text.length);
  const [before, after] = [text.slice(0, at), text.slice(at)];
  const insert = (bytes) => Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(after)]);
  request.body = random.pick([
    () => '',
    () =>
      random.pick([
        ' ',
        '\n\n',
        'null',
        '{',
        '}',
        '[',
        '"',
        'x',
        'undefined',
        'NaN',
        '-',
        '1e',
        "{'a':1}",
        '{}{}',
      ]),
    () => before,
    () => text.slice(0, -1),
    () => `${text}${random.pick(['x', '{}', ',', '\0', '//', '\n'])}`,
    () => `\ufeff${text}`,
    () => Buffer.from(text, 'utf16le'),
    () => insert([random.pick([0x80, 0xc3, 0xff, 0xed, 0xfe, 0xf5])]),
    () => insert([0xed, 0xa0, 0x80]),
    () => insert(random.pick([',', '"', '\\', '\0', '\n', '\t', '{', ']', '/**/', '1', '\u00a0', 'é'])),
    () => ` \t\r\n${text}\n`,
    () => `${'['.repeat(random.pick([10, 1_000, 60_000]))}${text}`,
    () => `${text}${' '.repeat(random.pick([100, 65_536, 200_000]))}`,
    () => text.replaceAll('"', "'"),
    () => text.replace(/\}$/, ',}'),
  ])();
}

function preflight(request, random) {
  const asked = request.method;
  Object.assign(request, { method: 'OPTIONS', body: undefined, type: undefined });
  request.headers.push(['origin', 'https://app.example.com']);
  request.headers.push(['access-control-request-method', random.pick([asked, asked, 'PUT', 'nonsense', ''])]);
  if (random.chance(0.5)) request.headers.push(['access-control-request-headers', 'content-type, x-mine']);
}

/** A route that predicts nothing. What would change a model is asked wrongly, so that it is refused. */
function otherRoute(random) {
  const path = random.pick(OTHER_ROUTES);
  const method = random.chance(0.7) ? 'GET' : random.pick(['HEAD', 'OPTIONS', 'POST', 'PATCH', 'PUT']);
  const body = ['POST', 'PATCH', 'PUT'].includes(method) ? random.pick(['{"x":1}', '[]', 'x']) : undefined;
  return { method, path, type: body && 'application/json', body };
}

function toCall(door, number, { method, path, type, headers, body }) {
  const lines = [`${method} ${encodedPath(path)} HTTP/1.1`, 'host: localhost'];
  if (type !== undefined) lines.push(`content-type: ${type}`);
  const own = String(number).padStart(6, '0');
  for (const [name, value] of headers) lines.push(`${name}: ${value.replace('<call>', own)}`);
  const bytes = body === undefined ? Buffer.alloc(0) : Buffer.from(body);
  if (body !== undefined) lines.push(`content-length: ${bytes.length}`);
  return {
    door,
    name: `call ${number}`,
    method,
    label: `${method} ${path}`,
    bytes: Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), bytes]),
  };
}

/** Bytes that Node's parser takes for the end of a path, or not at all, belong to the transport cases. */
const encodedPath = (path) => path.replaceAll(/[\s\u007f-\u{10ffff}]/gu, (each) => encodeURIComponent(each));
