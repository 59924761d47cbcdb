/** Says where `text` stops being JSON, from the error of `JSON.parse`; nothing is parsed again. */
export function placeOfFault(text: string, { message }: Error): string {
  const offset = offsetOfFault(text, message);
  const place = `see ${lineAndColumn(text, offset)}`;
  return offset === text.length ? `it ends too early, ${place}` : place;
}

function offsetOfFault(text: string, message: string): number {
  if (message === 'Unexpected end of JSON input') return text.length;
  // At the end alone: the message may quote the text, which may say so too.
  const named = / at position (\d+)(?: \(line \d+ column \d+\))?$/.exec(message)?.[1];
  return named === undefined ? offsetOfMissingValue(text) : Number(named);
}

/**
 * Where a value should begin and none does. It is the one fault whose position Node does not name, so all that stands
 * before it is known to be JSON: only the places where a value is due are looked at.
 */
function offsetOfMissingValue(text: string): number {
  let before = '';
  for (let at = 0; at < text.length; at++) {
    const mark = text[at]!;
    if (mark === ' ' || mark === '\n' || mark === '\r' || mark === '\t') continue;
    const isDue = before === '' || before === ',' || before === ':' || (before === '[' && mark !== ']');
    if (isDue && !beginsValue(text, at, mark)) return at;
    before = mark;
    if (mark === '"') at = endOfText(text, at);
  }
  return text.length;
}

function beginsValue(text: string, at: number, mark: string): boolean {
  if (mark === 't') return text.startsWith('true', at);
  if (mark === 'f') return text.startsWith('false', at);
  if (mark === 'n') return text.startsWith('null', at);
  return mark === '"' || mark === '{' || mark === '[' || mark === '-' || (mark >= '0' && mark <= '9');
}

/** The offset of the quote that ends the text which begins at `at`. */
function endOfText(text: string, at: number): number {
  let end = at + 1;
  for (; end < text.length && text[end] !== '"'; end++) if (text[end] === '\\') end++;
  return end;
}

function lineAndColumn(text: string, offset: number): string {
  let line = 1;
  let start = 0;
  for (let at = 0; at < offset; at++) {
    if (text[at] !== '\n') continue;
    line++;
    start = at + 1;
  }
  return `line ${line}, column ${offset - start + 1}`;
}
