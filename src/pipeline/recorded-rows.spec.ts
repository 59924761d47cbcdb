import { InputHash } from './input-hash.js';
import { RecordedRows } from './recorded-rows.js';

const key = Buffer.alloc(32, 7);
const hash = new InputHash(key);
const rows = new RecordedRows(
  new Map([
    ['income', 'hash'],
    ['name', 'drop'],
  ]),
  'loan',
  hash,
);
const recorded = (row: Record<string, number | string | boolean | null>): unknown =>
  JSON.parse(rows.text(row));

describe(RecordedRows.name, () => {
  it('keeps a row as it is where nothing is hidden', () => {
    expect(RecordedRows.WHOLE.text({ b: 1, a: null, c: 'ü' })).toBe('{"b":1,"a":null,"c":"ü"}');
  });

  it('hashes and drops values, and leaves the row as it was', () => {
    const row = { income: 1_200.5, name: 'Ada', term: 12 };

    expect(recorded(row)).toEqual({ income: 'hmac-sha256:0IROOdsFRCO4yxXnYFkZfg', term: 12 });
    expect(row).toEqual({ income: 1_200.5, name: 'Ada', term: 12 });
  });

  it('keeps what is missing missing', () => {
    expect(recorded({ income: null, term: 12 })).toEqual({ income: null, term: 12 });
    expect(recorded({ term: 12 })).toEqual({ term: 12 });
  });
});

describe(InputHash.name, () => {
  it('is the same for the same value by the same key, as openssl makes it', () => {
    // printf '["loan","income",1200.5]' | openssl dgst -sha256 -mac HMAC -macopt hexkey:0707… -binary | head -c 16 | base64
    expect(new InputHash(Buffer.from(key)).of('loan', 'income', 1_200.5)).toBe(
      'hmac-sha256:0IROOdsFRCO4yxXnYFkZfg',
    );
  });

  it('differs with the key, the model, the input and the kind of the value', () => {
    const other = new InputHash(Buffer.alloc(32, 8));
    const hashes = [
      hash.of('loan', 'income', 1),
      other.of('loan', 'income', 1),
      hash.of('credit', 'income', 1),
      hash.of('loan', 'term', 1),
      hash.of('loan', 'income', '1'),
      hash.of('loan', 'income', true),
    ];

    expect(new Set(hashes).size).toBe(hashes.length);
  });
});
