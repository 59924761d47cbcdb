import { randomInt } from 'node:crypto';

/** So many unknown keys of an address are told what they are. */
export const MOST_UNKNOWN = 30;
/** Milliseconds of the monotonic clock after which all begin anew. */
const WINDOW_MS = 60_000;
const COUNTERS = 65_536;
/** So many are told to other processes at a time; those of a flood beyond it are counted here alone. */
const MOST_TOLD = 1_024;

/**
 * Counts unknown keys by the address that they come from, in 64 KiB whoever calls. Addresses that share a counter, which
 * are others in each window, cost one another no more than that an unknown key is told to wait.
 */
export class Strangers {
  private readonly counts = new Uint8Array(COUNTERS);
  private salt = randomInt(2 ** 32);
  private end = Number.NEGATIVE_INFINITY;
  private untold: string[] = [];

  /** @param isShared whether somebody asks for what was counted here (`tell`) */
  constructor(
    private readonly isShared = false,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /**
   * Counts an unknown key.
   * @returns undefined, or where its address has sent too many the whole seconds after which they are taken again
   */
  add(address: string): number | undefined {
    const network = networkOf(address);
    const seconds = this.count(network);
    if (this.isShared && seconds === undefined && this.untold.length < MOST_TOLD) this.untold.push(network);
    return seconds;
  }

  /** The networks of what was counted since this was asked last. */
  tell(): readonly string[] {
    const told = this.untold;
    if (told.length > 0) this.untold = [];
    return told;
  }

  /** Counts what came to other processes. */
  hear(networks: readonly string[]): void {
    for (const network of networks) this.count(network);
  }

  private count(network: string): number | undefined {
    const now = this.now();
    if (now >= this.end) this.begin(now);
    const place = hashOf(network, this.salt) % COUNTERS;
    if (this.counts[place]! >= MOST_UNKNOWN) return Math.ceil((this.end - now) / 1_000);
    this.counts[place]!++;
    return undefined;
  }

  private begin(now: number): void {
    this.counts.fill(0);
    this.salt = randomInt(2 ** 32);
    this.end = now + WINDOW_MS;
  }
}

/** An IPv4 address, or the first 64 bits of an IPv6 address: whoever has one of them has them all. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  if (address.includes('.')) return address.slice(address.lastIndexOf(':') + 1);
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    // `::` stands for as many zeros as are missing.
    const behind = tail === '' ? [] : tail.split(':');
    while (groups.length + behind.length < 8) groups.push('0');
    groups.push(...behind);
  }
  return groups.slice(0, 4).join(':');
}

/** FNV-1a of a text and a salt, as 32 bits. */
function hashOf(text: string, salt: number): number {
  let hash = salt;
  for (let index = 0; index < text.length; index++)
    hash = Math.imul(hash ^ text.charCodeAt(index), 16_777_619);
  return (hash ^ (hash >>> 16)) >>> 0;
}
