import { wholeLines } from './record-lines.js';

async function pieces(blocks: readonly string[], longest?: number): Promise<string[]> {
  async function* source(): AsyncGenerator<Buffer> {
    for (const block of blocks) yield await Promise.resolve(Buffer.from(block));
  }
  const found: string[] = [];
  for await (const lines of wholeLines(source(), longest)) found.push(lines.toString());
  return found;
}

describe(wholeLines.name, () => {
  it('joins what stands across blocks, and gives an unended last line', async () => {
    expect(await pieces(['a\nb', 'c', 'd\ne\n', '\n', 'f'])).toEqual(['a\n', 'bcd\ne\n', '\n', 'f']);
  });

  it('holds no more of a line than it may, and lets none of it pass for JSON', async () => {
    expect(await pieces(['1234', '5678', '9', '0\n{}\n', '12'], 6)).toEqual(['\u000090\n{}\n', '12']);
  });
});
