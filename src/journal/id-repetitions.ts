import { randomInt } from 'node:crypto';

/** Where an id stands that stands before it already. */
export interface Repetition {
  readonly file: number;
  readonly line: number;
}

/** An entry is an id in four numbers, its file and its line. */
export const ENTRY_NUMBERS = 6;
const ID_NUMBERS = 4;
/** Ids that are held at a time. */
const HELD = 1_000_000;
/** Another in each process, so that nobody can choose ids which all fall to one place. */
const SEED = randomInt(2 ** 32);

/** Looks through so many entries, as often as their ids need to be held in parts; `blocks` reads all of them anew. */
export function* repetitionsIn(
  entries: number,
  blocks: () => Iterable<Uint32Array>,
): Generator<Repetition, void> {
  const parts = Math.ceil(entries / HELD);
  for (let part = 0; part < parts; part++) {
    const seen = new IdTable(Math.ceil(entries / parts));
    for (const numbers of blocks()) {
      for (let at = 0; at < numbers.length; at += ENTRY_NUMBERS) {
        const hash = hashOf(numbers, at);
        if (hash % parts === part && !seen.add(numbers, at, hash))
          yield { file: numbers[at + ID_NUMBERS]!, line: numbers[at + ID_NUMBERS + 1]! };
      }
    }
  }
}

/** Ids by open addressing: each stands at its hash, or at the next free place behind. */
class IdTable {
  private readonly mask: number;
  private readonly isTaken: Uint8Array;
  private readonly ids: Uint32Array;

  /** More than half of the places stay free. */
  constructor(ids: number) {
    const places = 2 ** Math.ceil(Math.log2(2 * ids + 16));
    this.mask = places - 1;
    this.isTaken = new Uint8Array(places);
    this.ids = new Uint32Array(places * ID_NUMBERS);
  }

  /** @returns false if it is there already. */
  add(from: Uint32Array, at: number, hash: number): boolean {
    const { ids, isTaken, mask } = this;
    // The low part of the hash may say which part of the file this is.
    for (let place = (hash >>> 8) & mask; ; place = (place + 1) & mask) {
      const into = place * ID_NUMBERS;
      if (isTaken[place] === 0) {
        isTaken[place] = 1;
        for (let n = 0; n < ID_NUMBERS; n++) ids[into + n] = from[at + n]!;
        return true;
      }
      let n = 0;
      while (n < ID_NUMBERS && ids[into + n] === from[at + n]) n++;
      if (n === ID_NUMBERS) return false;
    }
  }
}

/** The steps of MurmurHash3. */
function hashOf(numbers: Uint32Array, at: number): number {
  let hash = SEED;
  for (let n = 0; n < ID_NUMBERS; n++) {
    let part = Math.imul(numbers[at + n]!, 0xcc9e2d51);
    part = Math.imul((part << 15) | (part >>> 17), 0x1b873593);
    hash ^= part;
    hash = Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64;
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
