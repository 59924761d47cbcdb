import { placeOfFault } from './json-fault.js';

function fault(text: string): string {
  try {
    JSON.parse(text);
  } catch (error) {
    return placeOfFault(text, error as Error);
  }
  throw new Error(`this is JSON: ${text}`);
}

describe(placeOfFault.name, () => {
  it.each([
    // Where Node says "unexpected token", and no place.
    ['?', 1],
    [' ]', 2],
    ['[,]', 2],
    ['[}', 2],
    ['[1,]', 4],
    ['[1,}', 4],
    ['[{},[],,1]', 8],
    ['{"a":}', 6],
    ['{"a":,"b":1}', 6],
    ['{"a": ?}', 7],
    ['["]\\"[,",\'a\']', 10],
    ['["\\\\",?]', 7],
    ['+1', 1],
    ['.5', 1],
    ['\u00a01', 1],
    ['"é😀', 5],
    ['["é😀",?]', 8],
    ['/* a */ 1', 1],
    ['[true,false,null,-1,trux]', 21],
    ['[nan]', 2],
    ['[False]', 2],
    ['NaN', 1],
    ['Infinity', 1],
    ['undefined', 1],
    ['[object Object]', 2],
    // Where Node names the place.
    ['-Infinity', 2],
    ['[-]', 3],
    ['[1.]', 4],
    ['[1e]', 4],
    ['[01]', 3],
    ['[0x1]', 3],
    ['[1 2]', 4],
    ['[1}', 3],
    ['{a:1}', 2],
    ["{'a':1}", 2],
    ['{,}', 2],
    ['{"a" 1}', 6],
    ['{"a":1,}', 8],
    ['{"a":1 "b":2}', 8],
    ['{"a":1]', 7],
    ['{}{}', 3],
    ['["a\tb"]', 4],
    ['["\\x"]', 4],
    ['["\\u12g4"]', 7],
  ])('names the place in %j', (text, column) => {
    expect(fault(text)).toMatch(new RegExp(`see line 1, column ${column}$`));
  });

  const cut = String.raw`{ [ [1 [1, [- [1. [1e [tru {"a" {"a": {"a":1 {"a":1, " "a "\ "\u "\u12`;
  it.each(['', ...cut.split(' ')])('says that the text ends too early, and where it ends: %j', (text) => {
    expect(fault(text)).toBe(`it ends too early, see line 1, column ${text.length + 1}`);
  });

  it('finds what is too much at every place outside of strings', () => {
    const whole = '{"a":[1,-2.5e+3,[],{},[[]],{"b":{"c":"]}"}}, ["",{"\\"":0}]],"d":[[1,2],"x"]}';
    const masked = whole.replaceAll(/"(\\.|[^"\\])*"/g, (each) => `o${'s'.repeat(each.length - 1)}`);
    for (let at = 0; at <= whole.length; at++) {
      if (masked[at] === 's') continue;
      expect(fault(`${whole.slice(0, at)}?${whole.slice(at)}`)).toBe(`see line 1, column ${at + 1}`);
    }
  });

  it('counts lines by line feeds alone, in strings of Unicode too', () => {
    expect(fault('[\r\n"\u2028",\r\n\n\t?]')).toBe('see line 4, column 2');
  });

  it('is not led astray by a text that speaks of a position', () => {
    expect(fault('[? at position 0')).toBe('see line 1, column 2');
    expect(fault('["at position 7",?]')).toBe('see line 1, column 18');
  });
});
