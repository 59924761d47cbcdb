import { Injectable } from '@nestjs/common';
import type { BinCounter, Block } from './bin-counter.js';

/** What one version has counted since the last time. */
export interface Counted {
  readonly counter: BinCounter;
  readonly blocks: readonly Block[];
}

/** The counters of all versions that are served. */
@Injectable()
export class BinCounters {
  private readonly serving = new Set<BinCounter>();
  /** Of versions that are served no more, until what they have counted is taken. */
  private readonly gone = new Set<BinCounter>();

  /** @returns what ends it: nothing is counted any more. */
  register(counter: BinCounter): () => void {
    this.serving.add(counter);
    return () => {
      this.serving.delete(counter);
      this.gone.add(counter);
    };
  }

  /** Takes what was counted, of the versions that have counted anything. */
  take(): readonly Counted[] {
    const all = [...this.serving, ...this.gone];
    this.gone.clear();
    return all
      .map((counter) => ({ counter, blocks: counter.take() }))
      .filter(({ blocks }) => blocks.length > 0);
  }
}
