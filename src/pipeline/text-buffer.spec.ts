import { TextBuffer } from './text-buffer.js';

describe(TextBuffer.name, () => {
  it.each([1, 1_000, 100_000])(
    'gives back %i lines of any language as they were added, and then begins anew',
    (count) => {
      const buffer = new TextBuffer();
      const lines = Array.from({ length: count }, (_, line) => `${line} é 数 🎈\n`);
      for (const line of lines) buffer.add(line);
      expect(buffer.take().toString()).toBe(lines.join(''));

      buffer.add('next\n');
      expect(buffer.take().toString()).toBe('next\n');
      expect(buffer.take()).toHaveLength(0);
    },
  );

  it('takes a line that is larger than its memory', () => {
    const buffer = new TextBuffer();
    const line = `${'数'.repeat(1_000_000)}\n`;
    buffer.add('first\n');
    buffer.add(line);
    expect(buffer.take().toString()).toBe(`first\n${line}`);
  });

  it('holds little for a short text, and what a longer one took for the next', () => {
    const buffer = new TextBuffer();
    buffer.add('short\n');
    expect(buffer.take().buffer.byteLength).toBeLessThanOrEqual(16_384);
    const memories = [1, 2].map(() => {
      buffer.add('x'.repeat(50_000));
      return buffer.take().buffer;
    });
    expect(memories[1]).toBe(memories[0]);
  });
});
