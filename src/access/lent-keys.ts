import type { Siblings } from '../channel/siblings.js';
import { digestOfKey, looksLikeKey, newKey } from './api-key.js';
import type { Identity } from './identity.js';

/** Longer nobody waits for other processes; what they were told they do when they can. */
const HEARD_MS = 2_000;

/** What processes of a server tell each other of a key that one of them has lent: never the key itself. */
export interface LentDigest {
  readonly sha256: string;
  readonly identity: Identity;
}

/** What lent keys are told by; the primary keeps them for workers that start later. */
export const LENT = { keep: 'keep a lent key', list: 'list lent keys', end: 'end a lent key' } as const;

/** A key that ends with whatever it was lent to. */
export interface LentKey {
  readonly key: string;
  end(): void;
}

/** Keys for programs that a process of this server starts: kept in the memory of its processes alone, and known to all of them. */
export class LentKeys {
  private readonly identities = new Map<string, Identity>();

  constructor(private readonly siblings: Pick<Siblings, 'on' | 'pass' | 'primary'>) {
    siblings.on(LENT.keep, ({ sha256, identity }: LentDigest) => void this.identities.set(sha256, identity));
    siblings.on(LENT.end, ({ sha256 }: Pick<LentDigest, 'sha256'>) => void this.identities.delete(sha256));
  }

  /** Learns those that other workers have lent before this one was started: they are told before the answer. */
  async learn(): Promise<void> {
    await this.siblings.primary?.ask(LENT.list, undefined, HEARD_MS).catch(() => undefined);
  }

  /** A key that every worker knows when it resolves. */
  async lend(identity: Identity): Promise<LentKey> {
    const { key, sha256 } = newKey();
    const lent: LentDigest = { sha256, identity };
    this.identities.set(sha256, identity);
    await this.siblings.primary?.ask(LENT.keep, lent, HEARD_MS).catch(() => undefined);
    await this.siblings.pass(LENT.keep, lent);
    return { key, end: () => this.end(sha256) };
  }

  find(key: string): Identity | undefined {
    if (this.identities.size === 0 || !looksLikeKey(key)) return undefined;
    return this.identities.get(digestOfKey(key));
  }

  private end(sha256: string): void {
    this.identities.delete(sha256);
    this.siblings.primary?.tell(LENT.end, { sha256 });
  }
}
