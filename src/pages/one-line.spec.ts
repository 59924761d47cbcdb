import { oneLine } from './one-line.js';

it.each([
  ['Will this employee leave?', 'Will this employee leave?'],
  [' two\n\tlines\u2028 and more ', 'two lines and more'],
  ['a'.repeat(200), 'a'.repeat(200)],
  ['a'.repeat(201), `${'a'.repeat(199)}…`],
])('%j is a line', (text, line) => {
  expect(oneLine(text)).toBe(line);
});

it('cuts no character in two', () => {
  expect(oneLine('😀'.repeat(101)).isWellFormed()).toBe(true);
});
