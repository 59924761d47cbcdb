import { termsOf } from './text-terms.js';

const NONE = new Set<string>();

describe('what a text is counted by', () => {
  it('are its words of two letters or more, in lower case, unless said otherwise', () => {
    expect(termsOf({}, NONE)('A Déjà-vu, x_y 10!')).toEqual(['déjà', 'vu', 'x_y', '10']);
  });

  it('are runs of words, over those that are left out', () => {
    const terms = termsOf({ ngram_range: [1, 2] }, new Set(['not']));

    expect(terms('good not bad')).toEqual(['good', 'bad', 'good bad']);
  });

  it('are runs of characters, white space as one space', () => {
    expect(termsOf({ analyzer: 'char', ngram_range: [2, 3] }, NONE)('a \n😀')).toEqual(['a ', ' 😀', 'a 😀']);
  });

  it('are runs of characters within words, a short word once', () => {
    const terms = termsOf({ analyzer: 'char_wb', ngram_range: [3, 4] }, NONE);

    expect(terms('ab c')).toEqual([' ab', 'ab ', ' ab ', ' c ']);
  });

  it.each([
    ['unicode', 'Éß \u0345x\u0334', 'eß x'],
    ['ascii', 'Éß ﬁ', 'e fi'],
  ] as const)('are made of a text without its accents: %s', (strip_accents, text, expected) => {
    const spec = {
      analyzer: 'char',
      ngram_range: [expected.length, expected.length],
      strip_accents,
    } as const;

    expect(termsOf(spec, NONE)(text)).toEqual([expected]);
  });

  it('are what the pattern of the manifest finds', () => {
    expect(termsOf({ token_pattern: '[!?]', lowercase: false }, NONE)('What?!')).toEqual(['?', '!']);
    expect(() => termsOf({ token_pattern: '(' }, NONE)).toThrow('manifest.json/encoding/token_pattern');
  });
});
