import { Lane } from './lane.js';
import { TextBuffer } from './text-buffer.js';

describe(Lane.name, () => {
  it('has the memory of another that is done, however many models there are', async () => {
    const used = new Set<TextBuffer>();
    for (let model = 0; model < 5; model++) {
      await new Promise<void>((resolve) => {
        new Lane(1_024).enter(async (lines) => {
          used.add(lines);
          await Promise.resolve();
          setImmediate(resolve);
        });
      });
    }
    expect([...used]).toEqual([expect.any(TextBuffer)]);
  });

  it('has its own beside others that are under way', async () => {
    const used: TextBuffer[] = [];
    const both = Promise.withResolvers<void>();
    const work = async (lines: TextBuffer): Promise<void> => {
      if (used.push(lines) === 2) both.resolve();
      await both.promise;
    };
    for (const lane of [new Lane(1_024), new Lane(1_024)]) lane.enter(work);
    await both.promise;
    expect(used[0]).not.toBe(used[1]);
  });
});
