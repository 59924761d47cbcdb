import { readRecord } from './record-scan.js';

const scan = (text: string): unknown => {
  // Between other lines, which must not be read.
  const [before, line] = ['{"a":1}\n', Buffer.from(text)];
  const bytes = Buffer.concat([Buffer.from(before), line, Buffer.from('\n"}0123]}')]);
  return readRecord(bytes, before.length, before.length + line.length);
};

/** What the promise says: a JSON object with both names. */
function promised(text: string): unknown {
  try {
    const { prediction_id, model } = (JSON.parse(text) ?? {}) as Record<string, unknown>;
    const isRecord = typeof prediction_id === 'string' && typeof model === 'string';
    return isRecord ? { prediction_id, model } : undefined;
  } catch {
    return undefined;
  }
}

const RECORD =
  '{"prediction_id":"01a1fdca-28ca-7055-b178-fbd508337fb5","model":"m","inputs":{"a":-0.5e+3,"b":[1,[],{}],' +
  String.raw`"t":"é\u00e9\n\"🎈"},"outputs":{"x":true,"y":null,"z":false},"n":0}`;
const VALUES = [
  '0',
  '-0',
  '01',
  '-',
  '1.',
  '.5',
  '1e',
  '1e5',
  '1E-5',
  '+1',
  'NaN',
  'nul',
  'nulll',
  'true',
  '"',
  String.raw`"\x"`,
  String.raw`"\u12g4"`,
  String.raw`"\u12"`,
  String.raw`"\"`,
  '"\t"',
  '"\u007f\u2028"',
  '[',
  '[]',
  '[1,]',
  '[1 ,2]',
  '{"a":1,}',
  '{"a"}',
  '{a:1}',
  '{"":{}}',
  '[[1],[{"b":[]}]]',
  `${'['.repeat(100)}${']'.repeat(100)}`,
  '',
];

describe(readRecord.name, () => {
  it('reads the names of a record', () => {
    expect(scan(RECORD)).toEqual({ prediction_id: '01a1fdca-28ca-7055-b178-fbd508337fb5', model: 'm' });
  });

  it.each(VALUES)('takes %j as a value exactly where JSON.parse does', (value) => {
    for (const text of [
      `{"prediction_id":"1","model":"m","v":${value}}`,
      `{"v":${value},"prediction_id":"1","model":"m"}`,
      `{"prediction_id":"1","model":${value}}`,
      `{"prediction_id":${value},"model":"m"}`,
      value,
    ])
      expect([text, scan(text)]).toEqual([text, promised(text)]);
  });

  it.each([
    '{"prediction_id":"1","model":"m","model":"n"}',
    String.raw`{"prediction_id":"1","model":"m","mod\u0065l":"n"}`,
    String.raw`{"prediction_id":"\u0031","model":"modèle"}`,
    '{"prediction_id":"1","model":"m","mod\u00e8l":2}',
    '{"inputs":{"prediction_id":"1","model":"m"}}',
    '{"prediction_id":"1","model":"m"}{}',
    ' {"prediction_id" : "1", "model": "m"}\r',
    '\ufeff{"prediction_id":"1","model":"m"}',
    '["prediction_id","model"]',
  ])('%j has the names that JSON.parse finds', (text) => {
    expect(scan(text)).toEqual(promised(text));
  });

  it('ends where the bytes end, in every place of a record', () => {
    const whole = Buffer.from(RECORD);
    for (let end = 0; end < whole.length; end++)
      expect(readRecord(Buffer.from(whole.subarray(0, end)), 0, end)).toBeUndefined();
  });

  it('says of a record with one byte changed, cut or doubled what JSON.parse says', () => {
    const whole = Buffer.from(RECORD);
    for (let at = 0; at < whole.length; at++) {
      const [before, after] = [whole.subarray(0, at), whole.subarray(at + 1)];
      const replaced = [...Buffer.from('"\\{}[],:0-.eu ')].map((byte) =>
        Buffer.concat([before, Buffer.of(byte), after]),
      );
      const changed = [before, Buffer.concat([before, after]), Buffer.concat([before, whole.subarray(at)])];
      const texts = [...replaced, ...changed].map((line) => line.toString());
      expect(texts.map(scan)).toEqual(texts.map(promised));
    }
  });
});
