import { appendFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { watchFileCalls } from '../../test/support/file-calls.js';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { HistoryReader } from './history-file.js';
import type { AliasLine } from './history.js';

const change = (to: string, rest: Partial<AliasLine> = {}): AliasLine => {
  const facts = { alias: 'champion', from: null, to, who: 'ann', reason: 'r'.repeat(80), gate: null };
  return { time: '2026-01-02T03:04:05.678Z', ...facts, ...rest };
};
const text = (...lines: object[]): string => lines.map((line) => `${JSON.stringify(line)}\n`).join('');

function historyFile(content: string): { reader: HistoryReader; path: string } {
  const folder = temporaryFolder();
  const path = join(folder, 'history.ndjson');
  writeFileSync(path, content);
  return { reader: new HistoryReader(folder), path };
}

/** What `work` reads, in bytes. */
async function bytesRead(work: () => Promise<unknown>): Promise<number> {
  let bytes = 0;
  const restore = await watchFileCalls(({ name, parameters }) => {
    if (name === 'handle.read') bytes += parameters[2] as number;
  });
  try {
    await work();
    return bytes;
  } finally {
    restore();
  }
}

describe(HistoryReader.name, () => {
  it('counts whole lines, and no torn one', async () => {
    const { reader, path } = historyFile(text(change('1')));
    expect((await reader.state()).history.lines).toBe(1);

    appendFileSync(path, '{"time":"2026');
    expect((await reader.state()).history).toMatchObject({ lines: 1, champion: '1' });
    expect((await reader.state()).torn.toString()).toBe('{"time":"2026');

    truncateSync(path, text(change('1')).length);
    appendFileSync(path, text(change('2')));
    expect((await reader.state()).history).toMatchObject({ lines: 2, champion: '2' });
    expect((await reader.state()).torn.length).toBe(0);
  });

  it('sees a torn line that is finished although neither size nor time tells it', async () => {
    const { reader, path } = historyFile(`${text(change('1'))}${JSON.stringify(change('2'))} `);
    expect((await reader.state()).history.lines).toBe(1);

    writeFileSync(path, text(change('1'), change('2')));
    expect((await reader.state()).history).toMatchObject({ lines: 2, champion: '2' });
  });

  it('sees a history that was replaced, or taken away', async () => {
    const { reader, path } = historyFile(text(change('1'), change('2')));
    await reader.state();
    writeFileSync(`${path}.new`, text(change('7'), change('8'), change('9')));
    renameSync(`${path}.new`, path);
    expect((await reader.state()).history).toMatchObject({ lines: 3, champion: '9' });

    renameSync(path, `${path}.away`);
    expect((await reader.state()).history).toMatchObject({ lines: 0, champion: undefined });
  });

  it('counts lines that nobody understands, and passes them over', async () => {
    const strange = ['', 'x', 'null', '[]', '{"alias":"champion","from":1,"to":"2"}', '{"deleted":"1"}'];
    const { reader } = historyFile(`${text(change('1'))}${strange.join('\n')}\n${text(change('2'))}`);

    expect((await reader.state()).history).toMatchObject({ lines: 8, champion: '2' });
    expect(await reader.newest(10)).toEqual([change('2'), change('1')]);
  });

  it('passes over a line without a reasonable end', async () => {
    const { reader } = historyFile(`${text(change('1'))}${'x'.repeat(300_000)}\n${text(change('2'))}torn`);

    expect(await reader.state()).toMatchObject({
      history: { lines: 3, champion: '2' },
      torn: Buffer.from('torn'),
    });
    expect(await reader.newest(10)).toEqual([change('2'), change('1')]);
  });

  it('reads letters of several bytes across its blocks', async () => {
    const lines = Array.from({ length: 2_000 }, (_, index) =>
      change(String(index), { reason: 'ä€𝄞'.repeat(7) }),
    );
    const { reader } = historyFile(text(...lines));

    expect((await reader.state()).history).toMatchObject({ lines: 2_000, champion: '1999' });
    expect(await reader.newest(2_000)).toEqual(lines.toReversed());
  });

  it('reads of 100,000 lines only what is new, and for the newest only the end', async () => {
    const { reader, path } = historyFile(
      text(...Array.from({ length: 100_000 }, (_, index) => change(String(index)))),
    );
    expect((await reader.state()).history).toMatchObject({ lines: 100_000, champion: '99999' });

    expect(await bytesRead(async () => reader.state())).toBe(0);
    appendFileSync(path, text(change('100000')));
    // One block with the line, and one that finds the end.
    expect(await bytesRead(async () => reader.state())).toBe(2 * 65_536);
    expect((await reader.state()).history).toMatchObject({ lines: 100_001, champion: '100000' });
    expect(await bytesRead(async () => reader.newest(20))).toBeLessThanOrEqual(65_536);
    expect((await reader.newest(2)).map((line) => 'to' in line && line.to)).toEqual(['100000', '99999']);
  });

  it('gives no lines where none are asked for', async () => {
    expect(await historyFile(text(change('1'))).reader.newest(0)).toEqual([]);
  });
});
