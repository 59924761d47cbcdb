// What callers send that they should not, and what they may send though few do. Lists, written closely.

/* prettier-ignore */
export const NAMES = [
  'surplus', '__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '', 'a/b~c', 'é', '💩', 'x'.repeat(200),
];

/** Raw JSON in place of a field's value. */
/* prettier-ignore */
export const VALUES = [
  'null', 'true', 'false', '[]', '[1]', '{}', '{"a":1}', '""', '" "', '"x"', '"5"', '"NaN"', '"\\ud800"', '"__proto__"',
  '-0', '0', '-1', '1.5', '1e-7', '1e39', '-1e39', '1e308', '1e400', '-1e400', '5e-324', '1e-400', '0.1e1', '100E-2',
  '1E+2', '9007199254740993', '12345678901234567890', '[[[[1]]]]',
];

/** Texts of few characters, then long ones: `maximum_length` of a text is 10,000. */
/* prettier-ignore */
export const SHORT_TEXTS = [
  '', ' ', '\t\n\r', '\u0000', '\u007f', 'good\u0000bad', '💩', 'a💩b', 'e\u0301', 'é', '\u202egood', '👩‍👩‍👧', '\ud800',
  'good\udc00film', '\ud83d', 'ﬁlm', 'İstanbul', 'ſtraße', '\u2028', '\ufeffgood', '"quoted" \\ /', "don't", '</script>',
];
export const TEXTS = [
  ...SHORT_TEXTS,
  'bad '.repeat(500),
  'x'.repeat(9_999),
  'x'.repeat(10_000),
  'x'.repeat(10_001),
  '💩'.repeat(5_000),
  '💩'.repeat(5_001),
];

/** In place of `{"instances": [row…]}`. */
/* prettier-ignore */
export const ENVELOPES = [
  '{}', '[]', 'null', '5', '"text"', 'true', '{"instances":null}', '{"instances":{}}', '{"instances":[]}',
  '{"instances":"[]"}', '{"instances":[null]}', '{"instances":[[]]}', '{"instances":[5,"x",{}]}', '{"__proto__":[]}',
  '{"instances":[],"instances":[{}]}', '{"inputs":[]}', '{"instances":[],"signature_name":"x"}',
];

/** Numbers as the published doors take them, in a text. */
/* prettier-ignore */
export const NUMBERS = [
  '', ' ', 'x', 'NaN', 'Infinity', '-Infinity', '0x10', '1e400', '-0', '1_000', '1,5', '٣', '💩', 'null', '+5', ' 5.1',
  '5.1 ', '5.', '.5', '1e1', '1E-2', '-1', '101', '1e308', '5.1.1', '--5', '%', '1'.repeat(200),
];

/* prettier-ignore */
export const METHODS = ['GET', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'TRACE', 'QUERY', 'PROPFIND'];

/* prettier-ignore */
export const TYPES = [
  'text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/xml', '', 'json',
  'application/jsonp', 'application/json-patch+json', 'application/*', '*/*', 'application/octet-stream', 'text/json',
  'application/json; charset=utf-16', 'application/json; charset=iso-8859-1', 'application/json;charset=latin1',
  'application/json; charset=', 'application/json; x=charset=y', 'application/json,text/plain',
];

/* prettier-ignore */
export const GOOD_TYPES = [
  'application/json; charset=utf-8', 'application/json;charset="UTF-8"', 'APPLICATION/JSON', 'application/json;',
  'application/json ; charset=Utf-8', 'application/json; version=1', ' application/json',
];

/** In an id `<call>` stands for the number of the call, in six digits: it is the call's own. */
/* prettier-ignore */
export const HEADERS = [
  ['accept', '*/*'], ['accept', 'application/json'], ['accept', 'text/html, application/xhtml+xml;q=0.9'],
  ['accept', 'application/problem+json'], ['accept', 'image/png'], ['accept', ''], ['accept-encoding', 'gzip, br'],
  ['accept-language', 'nl, en;q=0.5'], ['user-agent', 'bench'],
  ['origin', 'https://app.example.com'], ['origin', 'https://elsewhere.example.org'], ['origin', 'null'], ['origin', ''],
  ['x-request-id', 'bench-7._<call>'], ['x-request-id', '0194d0c8-8f3a-7c21-9d4e-1a2b3c<call>'],
  ['x-request-id', `${'x'.repeat(122)}<call>`], ['x-request-id', 'x'.repeat(129)], ['x-request-id', 'no blanks'],
  ['x-request-id', '"quoted"'], ['x-request-id', 'café'], ['x-request-id', ''],
  ['traceparent', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'], ['traceparent', 'none'], ['tracestate', 'a=b'],
  ['content-encoding', 'identity'], ['if-none-match', '*'], ['if-match', '"x"'], ['range', 'bytes=0-3'],
  ['authorization', 'Bearer x'], ['cookie', 'a=b'], ['x-forwarded-for', '10.0.0.1'], ['x-http-method-override', 'DELETE'],
  ['te', 'trailers'], ['connection', 'keep-alive'], ['connection', 'close'], ['__proto__', 'x'],
];

/* prettier-ignore */
export const VERSIONS = [
  '2', '0', '01', '1.0', '-1', '+1', '1e0', '999999999', '9999999999', 'x', '', '%31', '__proto__',
];

/* prettier-ignore */
export const MODELS = [
  'nobody', 'Turnover', 'iris%20', '__proto__', 'constructor', '%00', '%zz', '%ff', '..', '.', '%2e%2e', 'a%2Fb', 'é',
  'x'.repeat(63), 'x'.repeat(64), 'x'.repeat(128), 'x'.repeat(129), '%C3%A9', '', ':', '*',
];

/** Routes that predict nothing, and paths that are none. */
/* prettier-ignore */
export const OTHER_ROUTES = [
  '/health', '/health/live', '/health/started', '/health/x', '/models', '/models/', '/apitest', '/nope', '/%zz', '//', '/?',
  '/openapi.json', '/docs', '/redoc', '/favicon.ico', '/*', '/models?x=1', '/metrics/x', '/Predict',
  ...['turnover', 'iris', 'sentiment-deep', 'nobody'].flatMap((model) => [
    `/models/${model}`, `/models/${model}/ready`, `/models/${model}/history`, `/models/${model}/versions/1`,
    `/models/${model}/versions/1/card`, `/models/${model}/versions/2`, `/models/${model}/aliases/champion`,
    `/models/${model}/versions/1/plots/none.svg`, `/models/${model}/versions/1/x`, `/models/${model}/rollback`,
  ]),
];
