import { EventEmitter } from 'node:events';
import { type FileHandle, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { probeFolder } from '../files/writable-folder.js';

/** Lines that may wait for the disk; those above are lost, and counted. */
const MOST_WAITING = 1_048_576;
const RETRY_MS = 1_000;
const CLOSE_MS = 2_000;
const NEWLINE = 10;

interface Events {
  /** Nothing can be written; lines are lost until `resumed`. */
  failing: [error: Error];
  /** Lines are written again, and so many were lost. */
  resumed: [lost: number];
}

/**
 * A log file that never holds anybody up: lines are appended behind the caller's back, and lost while the disk is full
 * or does not keep up. It resumes by itself. The file that is written keeps its name; at `maxBytes` it becomes
 * `<name>.1.log`, and of the older ones, `.2` and so on, those stay that make `maxFiles` with it.
 * winston's own file goes silent for good at the first error, and takes the console along.
 */
export class LogFile extends EventEmitter<Events> {
  private waiting: string[] = [];
  private waitingLength = 0;
  private lost = 0;
  private work: Promise<void> | undefined;
  private retry: NodeJS.Timeout | undefined;
  private handle: FileHandle | undefined;
  private size = 0;

  constructor(
    private readonly folder: string,
    private readonly name: string,
    private readonly maxBytes: number,
    private readonly maxFiles: number,
  ) {
    super();
  }

  /** Appends a line, its end included, soon. */
  write(line: string): void {
    if (this.retry !== undefined || this.waitingLength + line.length > MOST_WAITING) {
      this.lost++;
      return;
    }
    this.waiting.push(line);
    this.waitingLength += line.length;
    this.work ??= this.writeWaiting().finally(() => (this.work = undefined));
  }

  /** Counts lines as lost from now on, until there is room. */
  fail(error: Error): void {
    this.lost += this.take().length;
    this.retry = setInterval(() => this.tryAgain(), RETRY_MS).unref();
    this.emit('failing', error);
  }

  /** Writes what waits, and closes the file; a disk that stands still is not waited for long. */
  async close(): Promise<void> {
    clearInterval(this.retry);
    await Promise.race([this.finish(), after(CLOSE_MS, undefined, { ref: false })]);
  }

  private async finish(): Promise<void> {
    await this.work;
    await this.handle?.close().catch(() => undefined);
    this.handle = undefined;
  }

  private take(): string[] {
    const lines = this.waiting;
    this.waiting = [];
    this.waitingLength = 0;
    return lines;
  }

  private async writeWaiting(): Promise<void> {
    while (this.waiting.length > 0) {
      const lines = this.take();
      try {
        await this.append(Buffer.from(lines.join('')));
      } catch (error) {
        this.lost += lines.length;
        this.fail(error as Error);
        return;
      }
      // The disk did not keep up for a while.
      if (this.lost > 0 && this.waiting.length === 0) this.resume();
    }
  }

  private tryAgain(): void {
    try {
      probeFolder(this.folder);
    } catch {
      return;
    }
    clearInterval(this.retry);
    this.retry = undefined;
    this.resume();
  }

  private resume(): void {
    const { lost } = this;
    this.lost = 0;
    this.emit('resumed', lost);
  }

  private async append(bytes: Buffer): Promise<void> {
    if (this.size > 0 && this.size + bytes.length > this.maxBytes) await this.rotate();
    this.handle ??= await this.open();
    let written = 0;
    try {
      while (written < bytes.length) written += (await this.handle.write(bytes, written)).bytesWritten;
      this.size += written;
    } catch (error) {
      await this.cutOff(written);
      throw error;
    }
  }

  /** Opens the live file; a line that was torn, by a full disk or a kill, does not take the next one with it. */
  private async open(): Promise<FileHandle> {
    const handle = await open(this.path(0), 'a+');
    this.size = (await handle.stat()).size;
    if (this.size > 0) {
      const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, this.size - 1);
      if (buffer[0] !== NEWLINE) this.size += (await handle.write('\n')).bytesWritten;
    }
    return handle;
  }

  /** Takes away a torn line and closes the file; it is opened anew when there is room. */
  private async cutOff(written: number): Promise<void> {
    const handle = this.handle!;
    this.handle = undefined;
    try {
      // Whoever else writes to it keeps what is his.
      if ((await handle.stat()).size === this.size + written) await handle.truncate(this.size);
    } catch {
      // A line that stays torn gets its end when the file is opened.
    } finally {
      await handle.close().catch(() => undefined);
    }
  }

  private async rotate(): Promise<void> {
    await this.handle?.close();
    this.handle = undefined;
    this.size = 0;
    for (let age = this.maxFiles - 2; age >= 0; age--) {
      // What cannot be moved is written on: a log that grows is better than none.
      await rename(this.path(age), this.path(age + 1)).catch(() => undefined);
    }
  }

  private path(age: number): string {
    return join(this.folder, age === 0 ? `${this.name}.log` : `${this.name}.${age}.log`);
  }
}
