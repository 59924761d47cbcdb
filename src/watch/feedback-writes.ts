import type { Given } from '../state/stored-feedback.js';

/** What one operation of the state database takes: within its second, also beside others. */
export const MOST_VALUES = 200;
export const MOST_CHARACTERS = 262_144;

interface Waiting<Value> {
  readonly values: readonly Value[];
  readonly characters: number;
  readonly resolve: (outcomes: readonly Given[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Writes values, one write at a time: in the state database those who write feedback wait for each other, so many at once
 * would wait there for longer than it has, on all its connections. What comes meanwhile is one write.
 */
export class FeedbackWrites<Value> {
  private waiting: Waiting<Value>[] = [];
  private isWriting = false;

  /** @param write all or nothing; tells what each value has changed, in their order */
  constructor(private readonly write: (values: readonly Value[]) => Promise<readonly Given[]>) {}

  /**
   * Writes these after those of before. @param characters how much is written
   * @returns what each has changed. @throws what their write throws
   */
  put(values: readonly Value[], characters: number): Promise<readonly Given[]> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ values, characters, resolve, reject });
      if (!this.isWriting) void this.writeAll();
    });
  }

  private async writeAll(): Promise<void> {
    this.isWriting = true;
    while (this.waiting.length > 0) {
      const group = this.next();
      try {
        const outcomes = await this.write(group.flatMap(({ values }) => values));
        let at = 0;
        for (const { values, resolve } of group) resolve(outcomes.slice(at, (at += values.length)));
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    this.isWriting = false;
  }

  /** As many of those that wait as one write takes, and the first in any case. */
  private next(): Waiting<Value>[] {
    let values = 0;
    let characters = 0;
    const end = this.waiting.findIndex((each, at) => {
      values += each.values.length;
      characters += each.characters;
      return at > 0 && (values > MOST_VALUES || characters > MOST_CHARACTERS);
    });
    return this.waiting.splice(0, end === -1 ? this.waiting.length : end);
  }
}
