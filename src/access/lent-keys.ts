import { digestOfKey, looksLikeKey, newKey } from './api-key.js';
import type { Identity } from './identity.js';

/** A key that ends with whatever it was lent to. */
export interface LentKey {
  readonly key: string;
  end(): void;
}

/** Keys for programs that this process starts: they are kept in its memory alone. */
export class LentKeys {
  private readonly identities = new Map<string, Identity>();

  lend(identity: Identity): LentKey {
    const { key, sha256 } = newKey();
    this.identities.set(sha256, identity);
    return { key, end: () => this.identities.delete(sha256) };
  }

  find(key: string): Identity | undefined {
    if (this.identities.size === 0 || !looksLikeKey(key)) return undefined;
    return this.identities.get(digestOfKey(key));
  }
}
