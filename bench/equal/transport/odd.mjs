// Heads that are odd, too large, or no HTTP.
const CRLF = '\r\n';
const GET = `GET /apitest HTTP/1.1${CRLF}host: a${CRLF}`;
/* prettier-ignore */
const HEADERS = [
  'no colon', ': no name', 'bad name: x', 'x: a\0b', 'x: a\x01b', 'x: café', 'x: a\rb', ' folded: x', 'x:', 'x : y',
  'é: x', `x: a${CRLF} folded`, 'x:  y ', 'x:\ty', 'host: b', '__proto__: x', 'x-request-id: a\tb',
];
/* prettier-ignore */
const TARGETS = [
  'http://localhost/apitest', 'http://elsewhere/nope', '*', 'apitest', '', '/a b', '/é', '/café?x=ÿ', '//apitest',
  '/apitest#x', '/\0', '/?query=é', '/?query=a b', '/?query=%', '/%2e%2e/apitest', '/./apitest', '/apitest?%zz',
];
const METHODS = ['CONNECT', 'get', 'FOO', 'G T', 'TRACE', 'PURGE', '', 'POSTPOST', 'QUERY', 'M-SEARCH'];

export function oddCases() {
  const typed = 'content-type: text/plain\r\ncontent-type: application/json\r\ncontent-length: 2';
  const raw = (name, text) => ({ name, pieces: Buffer.from(text, 'latin1'), methods: ['GET'] });
  return [
    raw('headers over 16 KiB', `${GET}x: ${'y'.repeat(17_000)}${CRLF}${CRLF}`),
    raw('a path over 16 KiB', `GET /${'y'.repeat(17_000)} HTTP/1.1${CRLF}host: a${CRLF}${CRLF}`),
    raw('2,500 headers', `${GET}${`a: b${CRLF}`.repeat(2_500)}${CRLF}`),
    raw('1,500 headers', `${GET}${`a: b${CRLF}`.repeat(1_500)}${CRLF}`),
    ...HEADERS.map((line) => raw(`the header ${JSON.stringify(line)}`, `${GET}${line}${CRLF}${CRLF}`)),
    ...TARGETS.map((target) =>
      raw(`the target ${JSON.stringify(target)}`, `GET ${target} HTTP/1.1${CRLF}host: a${CRLF}${CRLF}`),
    ),
    ...METHODS.map((method) =>
      raw(`the method ${JSON.stringify(method)}`, `${method} /predict HTTP/1.1${CRLF}host: a${CRLF}${CRLF}`),
    ),
    raw('lines that end by LF', 'GET /apitest HTTP/1.1\nhost: a\n\n'),
    raw('empty lines before', `${CRLF}${CRLF}${GET}${CRLF}`),
    raw('two request ids', `${GET}x-request-id: a${CRLF}x-request-id: b${CRLF}${CRLF}`),
    raw('two media types', `POST /predict HTTP/1.1${CRLF}host: a${CRLF}${typed}${CRLF}${CRLF}{}`),
    raw('the preface of HTTP/2', `PRI * HTTP/2.0${CRLF}${CRLF}SM${CRLF}${CRLF}`),
    raw('a greeting of TLS', `\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03${CRLF}${CRLF}`),
    raw('a good request, then what is not HTTP', `${GET}${CRLF}nonsense${CRLF}${CRLF}`),
    { ...raw('a good request, then half of one', `${GET}${CRLF}${GET}`), end: 'half-close' },
    { ...raw('headers that never end', GET), end: 'wait' },
  ];
}
