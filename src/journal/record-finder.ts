import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { OnApplicationShutdown } from '@nestjs/common';
import { PredictionGone, PredictionNotFound, SearchBusy } from './search-errors.js';
import type { FoundText, SearchCall, SearchReply } from './search-calls.js';

/** Also from src/, where it is not built. */
const THREAD = fileURLToPath(new URL('../../dist/journal/search-thread.js', import.meta.url));
/** So many look for records at a time, those that wait for others included. */
const MOST_CALLERS = 20;
/** A search that takes longer waits for a disk that stands still. */
const ANSWER_MS = 60_000;
/** A thread that nobody asks gives its memory back. */
const REST_MS = 30_000;

interface Asked {
  readonly resolve: (found: readonly FoundText[]) => void;
  readonly reject: (error: Error) => void;
}

/** Finds records by their ids in a thread of its own, which waits for the disk in place of the event loop. */
export class RecordFinder implements OnApplicationShutdown {
  private thread: Worker | undefined;
  private readonly asked = new Map<number, Asked>();
  private calls = 0;
  private callers = 0;
  private resting: NodeJS.Timeout | undefined;

  /** @param flush has records written that wait, so that what was answered is found */
  constructor(
    private readonly root: string,
    private readonly flush: () => Promise<void>,
  ) {}

  /** Lets `work` look for records as one of those who may at a time. @throws SearchBusy at once */
  async enter<T>(work: () => Promise<T>): Promise<T> {
    if (this.callers >= MOST_CALLERS) throw new SearchBusy();
    this.callers++;
    try {
      return await work();
    } finally {
      this.callers--;
    }
  }

  /** What was found of each id, in their order; the lines of all of them are held. @throws SearchBusy */
  async find(ids: readonly string[]): Promise<readonly FoundText[]> {
    if (ids.length === 0) return [];
    await this.flush();
    const id = ++this.calls;
    const timer = setTimeout(() => this.end(new SearchBusy()), ANSWER_MS).unref();
    try {
      return await new Promise<readonly FoundText[]>((resolve, reject) => {
        this.asked.set(id, { resolve, reject });
        clearTimeout(this.resting);
        this.thread ??= this.begin();
        const call: SearchCall = { id, root: this.root, ids };
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
        this.thread.postMessage(call);
      });
    } finally {
      clearTimeout(timer);
      if (this.asked.size === 0) this.resting = setTimeout(() => this.end(new SearchBusy()), REST_MS).unref();
    }
  }

  /** The line of one record. @throws PredictionNotFound, PredictionGone, SearchBusy */
  async one(id: string): Promise<string> {
    const [found] = await this.enter(() => this.find([id]));
    if (found?.outcome === 'found') return found.line;
    throw found?.outcome === 'gone' ? new PredictionGone(id) : new PredictionNotFound(id);
  }

  onApplicationShutdown(): void {
    clearTimeout(this.resting);
    this.end(new SearchBusy());
  }

  private begin(): Worker {
    // A thread would take the young generation that serving needs, up to 100 MB of it. V8 has read it for this thread long ago.
    for (const size of ['min', 'max']) setFlagsFromString(`--${size}-semi-space-size=1`);
    const thread = new Worker(THREAD, { name: 'search' });
    thread.unref();
    thread.on('message', (reply: SearchReply) => this.answer(reply));
    thread.on('error', (error) => this.lose(thread, error));
    thread.on('exit', () => this.lose(thread, new SearchBusy()));
    return thread;
  }

  private answer(reply: SearchReply): void {
    const asked = this.asked.get(reply.id);
    this.asked.delete(reply.id);
    if ('found' in reply) asked?.resolve(reply.found);
    else asked?.reject(new Error(`records cannot be looked for: ${reply.message}`));
  }

  private end(error: Error): void {
    const { thread } = this;
    if (thread === undefined) return;
    this.lose(thread, error);
    void thread.terminate();
  }

  /** The next search begins another thread. */
  private lose(thread: Worker, error: Error): void {
    if (this.thread !== thread) return;
    this.thread = undefined;
    const all = [...this.asked.values()];
    this.asked.clear();
    for (const { reject } of all) reject(error);
  }
}
