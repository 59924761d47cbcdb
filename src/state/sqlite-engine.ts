import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { Arguments, OperationName, Result } from './operations.js';
import type { SqliteCall, SqliteReply } from './sqlite-calls.js';
import { errorIn } from './state-answer.js';
import type { StateEngine } from './state-engine.js';
import { StateFault } from './state-faults.js';

/** Also from src/, where it is not built. */
const THREAD = fileURLToPath(new URL('../../dist/state/sqlite-thread.js', import.meta.url));
/** A disk that stands still holds the thread, and must not hold the end of the process. */
const CLOSE_MS = 2_000;

interface Asked {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/**
 * SQLite in a thread of its own: its driver waits for the disk, which would hold the event loop. The file belongs to one
 * process.
 */
export class SqliteEngine implements StateEngine {
  readonly name: string;
  private thread: Worker | undefined;
  private readonly asked = new Map<number, Asked>();
  private calls = 0;

  constructor(folder: string) {
    this.name = join(folder, 'nestor.sqlite');
  }

  async open(): Promise<void> {
    // However long it takes: where the thread stands still, a second one would not get further.
    await this.ask('open', { now: Date.now() }, Infinity);
  }

  run<N extends OperationName>(name: N, parameters: Arguments<N>, deadline: number): Promise<Result<N>> {
    return this.ask(name, parameters, deadline) as Promise<Result<N>>;
  }

  async close(): Promise<void> {
    const { thread } = this;
    if (thread === undefined) return;
    const gone = new Promise<void>((resolve) => thread.once('exit', () => resolve()));
    this.ask('close', undefined, Infinity).catch(() => {});
    const timer = setTimeout(() => void thread.terminate(), CLOSE_MS);
    await Promise.race([gone, new Promise((resolve) => setTimeout(resolve, 1.5 * CLOSE_MS).unref())]);
    clearTimeout(timer);
  }

  private ask(name: SqliteCall['name'], parameters: unknown, deadline: number): Promise<unknown> {
    const id = ++this.calls;
    return new Promise((resolve, reject) => {
      this.asked.set(id, { resolve, reject });
      this.thread ??= this.begin();
      const call: SqliteCall = { id, name, parameters, deadline };
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
      this.thread.postMessage(call);
    });
  }

  private begin(): Worker {
    // A thread would take the young generation that serving needs, up to 100 MB of it. V8 has read it for this thread long ago.
    for (const size of ['min', 'max']) setFlagsFromString(`--${size}-semi-space-size=1`);
    const thread = new Worker(THREAD, { workerData: { path: this.name }, name: 'state' });
    thread.on('message', (reply: SqliteReply) => this.answer(reply));
    thread.on('error', (error) => this.lose(error.message));
    thread.on('exit', () => this.lose('its thread has ended'));
    return thread;
  }

  private answer(reply: SqliteReply): void {
    const asked = this.asked.get(reply.id);
    this.asked.delete(reply.id);
    if ('result' in reply) asked?.resolve(reply.result);
    else asked?.reject(errorIn(reply)!);
  }

  /** The next call begins another thread. */
  private lose(reason: string): void {
    this.thread = undefined;
    const all = [...this.asked.values()];
    this.asked.clear();
    for (const { reject } of all) reject(new StateFault(reason));
  }
}
