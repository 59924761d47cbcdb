import { createLocalJWKSet, errors, type JWSHeaderParameters } from 'jose';
import { IssuerUnavailable } from '../errors/errors.js';
import type { AppLogger } from '../observability/app-logger.js';
import { fetchKeySet, type KeySet } from './fetch-key-set.js';

/** The issuer is asked once in this time at most: a new key of his is taken so soon, and unknown ones cost no more. */
const LOOK_MS = 30_000;
/** The same where there are no keys to work with. */
const RETRY_MS = 5_000;
/** Tokens that wait for the issuer at a time. Their requests are not admitted yet, and hold up to 64 KiB each. */
const MOST_WAITING = 256;

/**
 * The keys of the issuer, as they were when they could be fetched last. They are looked at again while tokens come; only a
 * token whose key is not known waits for that, and only where there is nothing to be waited for is it told to try later.
 */
export class IssuerKeys {
  private keys: KeySet | undefined;
  /** What `keys` was made of, to tell whether they have changed. */
  private text = '';
  private fetched = -Infinity;
  private asked = -Infinity;
  private hasFailed = false;
  private asking: Promise<void> | undefined;
  private waiting = 0;
  private readonly closing = new AbortController();

  /** @param now milliseconds of a clock that is never set back */
  constructor(
    private readonly url: string,
    private readonly maxAgeMs: number,
    private readonly logger: Pick<AppLogger, 'info' | 'warn'>,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /**
   * The keys, another object when they have changed; undefined: there are none, or they have aged. They are looked at
   * anew, without waiting for it, if that is due.
   */
  latest(): KeySet | undefined {
    this.askIfDue();
    return this.usable;
  }

  /**
   * The keys, once they hold the one that a token names.
   * @throws IssuerUnavailable where that cannot be told, JOSEError where they do not hold it
   */
  async having(header: JWSHeaderParameters): Promise<KeySet> {
    if (this.latest() === undefined) await this.wait();
    const before = this.usable;
    if (before === undefined) throw new IssuerUnavailable();
    if (await holds(before, header)) return before;
    await this.wait();
    const after = this.usable;
    // It may be a new one.
    if (after === undefined || this.hasFailed) throw new IssuerUnavailable();
    await after(header);
    return after;
  }

  /** Ends what is under way. */
  close(): void {
    this.closing.abort();
  }

  private get usable(): KeySet | undefined {
    return this.now() - this.fetched < this.maxAgeMs ? this.keys : undefined;
  }

  private askIfDue(): void {
    const pause = this.usable !== undefined ? LOOK_MS : this.hasFailed ? RETRY_MS : 0;
    if (this.asking !== undefined || this.now() - this.asked < pause || this.closing.signal.aborted) return;
    this.asked = this.now();
    this.asking = this.ask().finally(() => (this.asking = undefined));
  }

  private async wait(): Promise<void> {
    if (this.asking === undefined) return;
    if (this.waiting >= MOST_WAITING) throw new IssuerUnavailable();
    this.waiting++;
    await this.asking;
    this.waiting--;
  }

  /** What fails is told in the log when it begins and when it is over. */
  private async ask(): Promise<void> {
    try {
      const set = await fetchKeySet(this.url, this.closing.signal);
      this.fetched = this.now();
      const text = JSON.stringify(set.keys.map((key) => JSON.stringify(key)).toSorted());
      if (text !== this.text) this.keys = createLocalJWKSet(set);
      if (text !== this.text || this.hasFailed)
        this.logger.info('keys of the issuer fetched', { url: this.url, keys: set.keys.length });
      this.text = text;
      this.hasFailed = false;
    } catch (error) {
      if (!this.hasFailed && !this.closing.signal.aborted)
        this.logger.warn(
          'keys of the issuer cannot be fetched; those of before, if there are any, are used until they have aged',
          { url: this.url, reason: reasonOf(error) },
        );
      this.hasFailed = true;
    }
  }
}

async function holds(keys: KeySet, header: JWSHeaderParameters): Promise<boolean> {
  try {
    await keys(header);
    return true;
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey) return false;
    throw error;
  }
}

/** What fetch says itself is that it has failed. */
const reasonOf = (error: unknown): string => {
  const { cause = error } = error as Error;
  return cause instanceof Error ? cause.message : String(cause);
};
