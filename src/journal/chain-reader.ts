import type { KeyObject } from 'node:crypto';
import { parsed, type Chain } from './chain-tips.js';
import { signedPart } from './chained-line.js';
import { digestOf } from './line-digest.js';
import type { ChainBegun } from './seal-entries.js';
import { isSignedBy } from './seal-key.js';

/** Something that is not as it was written, and where. */
export interface Fault {
  /** A file below the folder of the log. */
  readonly file: string;
  /** Undefined: the file as a whole. */
  readonly line: number | undefined;
  readonly what: string;
}

/** One line of a chain, as it says of itself. */
interface Line {
  readonly digest: string;
  readonly previous: unknown;
  readonly entry: object;
  readonly isSigned: boolean;
}

/** The chains of a tree, and what is wrong with them. */
export class ChainReader {
  readonly faults: Fault[] = [];
  private readonly chains = new Map<string, { lines: Line[]; torn: string; covered: number }>();

  /** @param keys of those who sign; undefined: signatures are not looked at */
  constructor(private readonly keys?: readonly KeyObject[]) {}

  /** Takes in a chain. @returns what its lines say, in their order */
  take({ name, text, torn }: Chain): object[] {
    const lines: Line[] = [];
    for (const line of text.split('\n').slice(0, -1)) {
      const entry = parsed(line);
      const isSigned = this.isSigned(line, name, lines.length + 1);
      const { previous } = entry as { previous?: unknown };
      lines.push({ digest: digestOf(`${line}\n`), previous, entry, isSigned });
    }
    const broken = lines.findIndex(({ previous }, at) => previous !== (lines[at - 1]?.digest ?? null));
    if (broken !== -1) {
      const isFirst = broken > 0 && this.isVouchedFor(lines[broken]!, lines[broken + 1]);
      this.fault(name, broken + (isFirst ? 0 : 1), 'is not as it was written, or lines are missing here');
    }
    const covered = lines.findLastIndex(({ isSigned }) => isSigned) + 1;
    this.chains.set(name, { lines, torn, covered });
    return lines.map(({ entry }) => entry);
  }

  /** Compares the chains with each other, and with a line that is known from elsewhere. */
  end(head: string | undefined): void {
    const places = new Map<string, { chain: string; line: number }>();
    for (const [chain, { lines }] of this.chains)
      for (const [at, { digest }] of lines.entries()) places.set(digest, { chain, line: at + 1 });
    const isNamed = this.tips(places);
    for (const [name, { lines, torn }] of this.chains) {
      const tip = lines.at(-1)?.digest;
      if (torn !== '' && !isNamed.has(tip))
        this.fault(name, lines.length + 1, 'is torn, and no later chain begins behind the line before it');
    }
    if (this.keys !== undefined) this.tellUnsigned();
    if (head !== undefined && !places.has(head))
      this.fault(
        'seals',
        undefined,
        `no line has the digest ${head}: lines were removed, or all were written anew`,
      );
  }

  /** Follows what chains name at their beginning. @returns the digests that are named. */
  private tips(places: ReadonlyMap<string, { chain: string; line: number }>): Set<string | undefined> {
    const named = new Set<string | undefined>();
    // What a chain vouches for may vouch for others.
    for (let hasGrown = true; hasGrown;) {
      hasGrown = false;
      for (const { lines, covered } of this.chains.values()) {
        for (const { head } of tipsIn(lines[0])) {
          named.add(head);
          const place = places.get(head);
          const other = place && this.chains.get(place.chain)!;
          if (other === undefined || covered === 0 || other.covered >= place!.line) continue;
          other.covered = place!.line;
          hasGrown = true;
        }
      }
    }
    for (const { lines } of this.chains.values())
      for (const { chain, head } of tipsIn(lines[0]))
        if (!places.has(head)) this.fault(chain, undefined, `the line with the digest ${head} is gone`);
    return named;
  }

  /** Whether a line that does not go with the one before it is as it was written, by its signature or else by the next one. */
  private isVouchedFor({ digest, previous, entry, isSigned }: Line, next: Line | undefined): boolean {
    if (this.keys !== undefined && 'signature' in entry) return isSigned;
    return typeof previous === 'string' && (next?.previous ?? digest) === digest;
  }

  private tellUnsigned(): void {
    for (const [name, { lines, covered }] of this.chains)
      if (covered < lines.length) this.fault(name, covered + 1, 'is not signed');
    if (this.chains.size === 0) this.fault('seals', undefined, 'there are none');
  }

  private isSigned(line: string, name: string, number: number): boolean {
    const part = signedPart(line);
    if (part === undefined || this.keys === undefined) return false;
    const isSigned = isSignedBy(this.keys, part.text, part.signature);
    if (!isSigned) this.fault(name, number, 'is signed by none of the keys');
    return isSigned;
  }

  private fault(file: string, line: number | undefined, what: string): void {
    this.faults.push({ file, line, what });
  }
}

function tipsIn(line: Line | undefined): ChainBegun['after'] {
  const { after } = (line?.entry ?? {}) as Partial<ChainBegun>;
  return Array.isArray(after) ? after : [];
}
