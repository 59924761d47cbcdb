import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { BeforeApplicationShutdown, OnApplicationShutdown } from '@nestjs/common';
import type { LentKey } from '../access/lent-keys.js';
import type { AppLogger } from '../observability/app-logger.js';

/** Pauses between two starts; one that has worked for so long begins anew with the first. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** A training has so long to end, of which it needs five seconds itself. */
const GRACE_MS = 8_000;
const LINE = 2_000;
const MEND =
  'install the package into the environment of TRAINING_PYTHON (see "Train behind the API" in docs/data-scientist.md), or leave TRAINING_PYTHON empty';

/** What it needs to know of its server. */
export interface EmbeddedRunnerOptions {
  /** The interpreter that has the package `nestor`. */
  readonly python: string;
  /** The folder of the data for trainings; empty: there is none. */
  readonly data: string;
  /** A key for as long as it runs, where its server asks for one. */
  readonly lendKey: (() => Promise<LentKey>) | undefined;
}

/**
 * `python -m nestor runner` for this server alone, for whoever has no other machine to train on. It is started again when it
 * ends, and ends with the server, however that ends: its standard input is a pipe that this process holds. Its key goes
 * through that pipe, so that it is in no file, environment or argument.
 */
export class EmbeddedRunner implements BeforeApplicationShutdown, OnApplicationShutdown {
  private child: ChildProcess | undefined;
  private ended: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;
  private pause = FIRST_PAUSE_MS;
  private isStopping = false;
  /** What it has said last, and what was told of it. */
  private last = '';
  private told = '';

  constructor(
    private readonly options: EmbeddedRunnerOptions,
    private readonly logger: Pick<AppLogger, 'info' | 'warn'>,
  ) {}

  /** Starts it for the server at `url`, unless no interpreter is named. */
  async start(url: string): Promise<void> {
    if (this.options.python === '' || this.isStopping) return;
    const lent = await this.options.lendKey?.();
    // The server may have been told to stop meanwhile; the key ends with it.
    if (!this.isStopping) this.run(url, lent);
  }

  /** It ends while calls are still answered, so that it can say so. */
  beforeApplicationShutdown(): void {
    this.isStopping = true;
    clearTimeout(this.timer);
    this.child?.kill('SIGTERM');
  }

  async onApplicationShutdown(): Promise<void> {
    const { child } = this;
    if (child?.pid === undefined) return;
    const timer = setTimeout(() => killGroup(child.pid!), GRACE_MS);
    await this.ended;
    clearTimeout(timer);
  }

  private run(url: string, lent: LentKey | undefined): void {
    const { python, data } = this.options;
    const began = performance.now();
    const named = data === '' ? [] : ['--data', data];
    const keyed = lent === undefined ? [] : ['--key-file', '-'];
    const parameters = ['-m', 'nestor', 'runner', '--server', url, '--until-eof', ...keyed, ...named];
    const child = spawn(python, parameters, {
      stdio: ['pipe', 'pipe', 'pipe'],
      // A group of its own: a signal from the terminal is the server's to hear.
      detached: true,
    });
    this.child = child;
    this.last = '';
    for (const stream of [child.stdout, child.stderr]) this.tell(stream);
    this.ended = new Promise((resolve) => {
      // `close` comes after `error` too, and when all that was said is read.
      child.once('error', (error) => (this.last = error.message));
      child.once('close', (code, signal) => {
        resolve();
        this.child = undefined;
        lent?.end();
        if (!this.isStopping) this.again(url, code ?? signal, performance.now() - began);
      });
    });
    // A child that is gone takes nothing any more.
    child.stdin.on('error', () => {});
    if (lent !== undefined) child.stdin.write(`${lent.key}\n`);
  }

  private again(url: string, how: number | string | null, lasted: number): void {
    if (lasted > LONGEST_PAUSE_MS) this.pause = FIRST_PAUSE_MS;
    const reason = `it ended with ${how ?? 'no process'}${this.last === '' ? '' : `: ${this.last}`}`;
    // The same reason once, however often it is met.
    if (reason !== this.told) {
      const isMissing = lasted < LONGEST_PAUSE_MS && /No module named|ENOENT|EACCES/.test(this.last);
      this.logger.warn('runner of TRAINING_PYTHON has ended and is started again', {
        python: this.options.python,
        reason,
        ...(isMissing && { mend: MEND }),
      });
    }
    this.told = reason;
    this.timer = setTimeout(() => void this.start(url), this.pause).unref();
    this.pause = Math.min(2 * this.pause, LONGEST_PAUSE_MS);
  }

  private tell(stream: Readable): void {
    createInterface({ input: stream, crlfDelay: Infinity }).on('line', (line) => {
      this.last = line.slice(0, LINE);
      this.logger.info('runner', { line: this.last });
    });
  }
}

/** What it has started dies with it, by its own doing. */
function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by now.
  }
}
