import { smoothed, total } from './distances.js';
import { chiSquaredQuantile } from './quantiles.js';

/** Evidence at which it raises its alarm: without drift that happens once in ten million rows on average, or less. */
const ALARM = 100_000;
/** A guess begins with each block, but not before so many rows have come since the last one began. */
const A_GUESS = 100;
/** Older guesses are forgotten: drift that came so long ago has been found, or is none. */
const GUESSES = 20;
/** A guess bets by this share on the shares of the training, so that no bin can ruin it. */
const CAUTION = 0.1;
/** Rows that a guess takes the training's shares for seen, when it begins. */
const PRIOR_ROWS = 10;
/** What drift has to win a row: less matters to nobody. */
const LEAST_GAIN = 0.005;
/** How surely bets win less than the tolerance where the shares of the training rows are off by chance alone. */
const SURE = 0.9999;

/** A guess since when a feature has moved, with what was seen since then. */
interface Guess {
  readonly counts: number[];
  rows: number;
  /** Logarithm of how much more likely its bets made what came than the training's shares did. */
  evidence: number;
}

const NO_GUESS: Guess = { counts: [], rows: 0, evidence: -Infinity };

/** What a detector knows, as it is kept between processes. */
export interface DetectorState {
  readonly guesses: readonly Readonly<Guess>[];
}

interface DetectorOptions {
  readonly state?: DetectorState | undefined;
  readonly watchesRiseOfLast?: boolean;
}

/**
 * Looks at one feature after every block of rows, for ever, and finds drift sooner than windows do. Each guess bets on the
 * shares seen since it began; while nothing has moved bets win nothing on average, so great winnings tell drift, whenever one looks
 * (an e-detector: E-detectors, Shin, Ramdas, Rinaldo, 2022). The blocks come in order, and to one detector alone.
 */
export class SequentialDetector {
  private readonly shares: readonly number[];
  private readonly logShares: readonly number[];
  /** What bets lose a row, as the shares of the training are known from its rows alone. */
  private readonly tolerance: number;
  private guesses: Guess[];

  private readonly watchesRiseOfLast: boolean;

  /**
   * @param expected counts of the training rows by bin; of fewer rows more drift is needed
   * @param state what another detector of the same bins knew
   * @param watchesRiseOfLast whether a rise of the last bin's share alone is drift, as with errors
   */
  constructor(
    expected: readonly number[],
    { state = { guesses: [] }, watchesRiseOfLast = false }: DetectorOptions = {},
  ) {
    this.watchesRiseOfLast = watchesRiseOfLast;
    this.shares = smoothed(expected);
    this.logShares = this.shares.map(Math.log);
    const freedom = expected.length - 1;
    const chance = freedom === 0 ? 0 : chiSquaredQuantile(freedom, SURE) / (2 * total(expected));
    this.tolerance = Math.max(LEAST_GAIN, chance);
    this.guesses = state.guesses.map((guess) => ({ ...guess, counts: [...guess.counts] }));
  }

  get state(): DetectorState {
    return { guesses: this.guesses };
  }

  /** Rows that have come since drift began, by the guess that has won most. */
  get rowsSinceChange(): number {
    return this.guesses.reduce((one, other) => (other.evidence > one.evidence ? other : one), NO_GUESS).rows;
  }

  /** Takes the counts of a block of rows by bin, some 25 or more. @returns whether there is drift. */
  add(block: readonly number[]): boolean {
    const rows = total(block);
    const youngest = this.guesses.at(-1);
    if (youngest === undefined || youngest.rows >= A_GUESS) {
      this.guesses.push({ counts: block.map(() => 0), rows: 0, evidence: 0 });
      if (this.guesses.length > GUESSES) this.guesses.shift();
    }
    let evidence = 0;
    for (const guess of this.guesses) {
      this.bet(guess, block, rows);
      evidence += Math.exp(guess.evidence);
    }
    return evidence >= ALARM;
  }

  /** The stakes are set before the block is looked at. */
  private bet(guess: Guess, block: readonly number[], rows: number): void {
    if (!this.watchesRiseOfLast || this.lastHasRisen(guess))
      guess.evidence += this.winnings(guess, block, rows);
    for (const [bin, count] of block.entries()) guess.counts[bin]! += count;
    guess.rows += rows;
  }

  private lastHasRisen({ counts, rows }: Guess): boolean {
    return counts.at(-1)! > rows * this.shares.at(-1)!;
  }

  private winnings(guess: Guess, block: readonly number[], rows: number): number {
    let won = -this.tolerance * rows;
    const seen = guess.rows + PRIOR_ROWS;
    for (const [bin, count] of block.entries()) {
      if (count === 0) continue;
      const share = this.shares[bin]!;
      const stake = (1 - CAUTION) * ((guess.counts[bin]! + PRIOR_ROWS * share) / seen) + CAUTION * share;
      won += count * (Math.log(stake) - this.logShares[bin]!);
    }
    return won;
  }
}
