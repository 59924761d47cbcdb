import { pairOf, pairsOfCsv, pairsOfNdjson, TableFault } from './feedback-pairs.js';

/** Lines with their pair as a text, or `none`. */
const told = (lines: ReturnType<typeof pairsOfCsv>): string[] =>
  [...lines].map(
    ({ line, pair }) => `${line}: ${pair ? `${String(pair.prediction_id)}=${String(pair.value)}` : 'none'}`,
  );
const csv = (text: string): string[] => told(pairsOfCsv(text));

describe(pairsOfCsv.name, () => {
  it('takes two columns in any order, and passes over others', () => {
    expect(csv('prediction_id,value\na,1\nb,2')).toEqual(['2: a=1', '3: b=2']);
    expect(csv('\uFEFFvalue , note,prediction_id\r\n1,x,a\r\n')).toEqual(['2: a=1']);
    expect(csv('prediction_id,value\n')).toEqual([]);
    expect([...pairsOfCsv('prediction_id,value\na, 1 ')]).toEqual([
      { line: 2, pair: { prediction_id: 'a', value: '1', isText: true } },
    ]);
  });

  it('reads quotes as RFC 4180 has them, line feeds in them too, and knows the lines of the file', () => {
    const text = 'note,prediction_id,value\n"say ""a"",\nagain",a,"1"\n\n"",b,"x, y"\r\nc,d,2\n';
    expect(csv(text)).toEqual(['2: a=1', '5: b=x, y', '6: d=2']);
  });

  it('tells a line that is none, and goes on behind it', () => {
    expect(csv('prediction_id,value\na\nb,1,2\nc"d,3\n"e,4\nf,5\n')).toEqual([
      '2: none',
      '3: none',
      '4: none',
      '5: none',
      '6: f=5',
    ]);
  });

  it('needs the names of the columns', () => {
    for (const text of ['', '\n', 'a,1\n', 'prediction_id,label\na,1\n', '"prediction_id,value'])
      expect(() => csv(text), text).toThrow(TableFault);
  });
});

describe(pairsOfNdjson.name, () => {
  it('takes an object a line', () => {
    const text =
      '{"prediction_id":"a","value":1}\r\n\n{"prediction_id":"b"}\n{"value":\n{"prediction_id":"c","value":null}';
    expect(told(pairsOfNdjson(text))).toEqual(['1: a=1', '3: none', '4: none', '5: c=null']);
  });
});

describe(pairOf.name, () => {
  it('is an object of both fields and no other', () => {
    expect(pairOf({ prediction_id: 1, value: {} })).toEqual({ prediction_id: 1, value: {} });
    for (const other of [null, 1, 'x', [], {}, { value: 1 }, { prediction_id: 'a', value: 1, more: 1 }])
      expect(pairOf(other)).toBeUndefined();
  });
});
