import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { MAY_MOUNT, smallDisk, takeSpace } from '../../test/support/tmpfs.js';
import { LogFile } from './log-file.js';

const line = (number: number): string => `${String(number).padStart(7, '0')}\n`;
const linesOf = (folder: string, name: string): string[] =>
  readFileSync(join(folder, name), 'utf8').split('\n').slice(0, -1);

/** The files from the oldest to the live one. */
const written = (folder: string): string[] =>
  readdirSync(folder)
    .toSorted((a, b) => age(b) - age(a))
    .flatMap((name) => linesOf(folder, name));
const age = (name: string): number => Number(/\.(\d+)\.log$/.exec(name)?.[1] ?? 0);

// It is opened again by the next line: a closed file has been written.
describe('a log file', () => {
  it('keeps its name and loses nothing when it is followed by the next', async () => {
    const folder = temporaryFolder();
    const file = new LogFile(folder, 'a', 4_096, 50);
    const lines = Array.from({ length: 5_000 }, (_, number) => line(number));
    for (const [number, text] of lines.entries()) {
      file.write(text);
      if (number % 100 === 99) await file.close();
    }
    await file.close();

    expect(readdirSync(folder)).toContain('a.log');
    expect(readdirSync(folder).length).toBeGreaterThan(8);
    expect(written(folder).join('\n')).toBe(lines.join('').trimEnd());
  });

  it('keeps the newest files alone', async () => {
    const folder = temporaryFolder();
    const file = new LogFile(folder, 'a', 80, 3);
    for (let number = 0; number < 100; number++) {
      file.write(line(number));
      await file.close();
    }

    expect(readdirSync(folder).toSorted()).toEqual(['a.1.log', 'a.2.log', 'a.log']);
    expect(linesOf(folder, 'a.log').at(-1)).toBe('0000099');
    const newest = written(folder).map(Number);
    expect(newest).toEqual(Array.from(newest, (_, index) => 100 - newest.length + index));
  });

  it('takes a line that is longer than the file may be', async () => {
    const folder = temporaryFolder();
    const file = new LogFile(folder, 'a', 80, 3);
    file.write(`${'x'.repeat(500)}\n`);
    await file.close();

    expect(statSync(join(folder, 'a.log')).size).toBe(501);
  });

  it('goes on behind what is there, and ends a line that was torn', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'a.log'), 'whole\nto');
    const file = new LogFile(folder, 'a', 4_096, 3);
    file.write('next\n');
    await file.close();

    expect(readFileSync(join(folder, 'a.log'), 'utf8')).toBe('whole\nto\nnext\n');
  });

  it('grows where it cannot be moved aside', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'a.1.log', 'in-the-way'), { recursive: true });
    const file = new LogFile(folder, 'a', 20, 2);
    for (let number = 0; number < 10; number++) {
      file.write(line(number));
      await file.close();
    }

    expect(linesOf(folder, 'a.log')).toHaveLength(10);
  });

  it('drops lines while the disk does not keep up, and says how many', async () => {
    const folder = temporaryFolder();
    const file = new LogFile(folder, 'a', 100_000_000, 2);
    const resumed = once(file, 'resumed');
    // Nothing is written within one turn of the event loop.
    for (let number = 0; number < 1_000_000; number++) file.write(line(number));
    const [lost] = (await resumed) as [number];
    await file.close();

    expect(lost).toBeGreaterThan(800_000);
    expect(linesOf(folder, 'a.log')).toHaveLength(1_000_000 - lost);
  });
});

describe.skipIf(!MAY_MOUNT)('a log file on a disk that is full for a while', () => {
  it('says so once, has whole lines alone, and resumes by itself', async () => {
    const folder = smallDisk('1m');
    const file = new LogFile(folder, 'a', 10_000_000, 2);
    const faults: string[] = [];
    file.on('failing', ({ message }) => faults.push(message));
    file.write(line(0));
    await vi.waitFor(() => expect(linesOf(folder, 'a.log')).toHaveLength(1));
    const release = takeSpace(folder);
    const failing = once(file, 'failing');
    for (let number = 1; number <= 100_000; number++) file.write(line(number));
    await failing;
    for (let number = 0; number < 100_000; number++) file.write(line(number));
    const resumed = once(file, 'resumed');
    release();
    const [lost] = (await resumed) as [number];
    file.write('again\n');
    await file.close();

    expect(faults).toEqual(['ENOSPC: no space left on device, write']);
    const lines = linesOf(folder, 'a.log');
    expect(lines.at(-1)).toBe('again');
    expect(lines.every((text) => /^\d{7}$|^again$/.test(text))).toBe(true);
    expect(lost + lines.length).toBe(200_002);
  });
});
