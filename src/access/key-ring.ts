import { stat, type Stats, statSync } from 'node:fs';
import { StartupFault } from '../errors/startup-fault.js';
import { epochSeconds } from '../inputs/date-time.js';
import type { AppLogger } from '../observability/app-logger.js';
import { digestOfKey, looksLikeKey } from './api-key.js';
import type { Identity } from './identity.js';
import { type KeyEntry, readKeysFile } from './keys-file.js';

/** A mounted Secret is changed by swapping links, which no events tell; so the file is looked at. */
const LOOK_MS = 2_000;

interface Key {
  readonly identity: Identity;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

/** The keys of `API_KEYS_FILE`. They are found by their digests, so nothing is compared letter by letter. */
export class KeyRing {
  private keys: ReadonlyMap<string, Key>;
  /** What the file was when it was read, looked at before: a change in between is found by the next look. */
  private seen: string;
  private readonly timer: NodeJS.Timeout;

  /** Reads the file, and follows it until it is closed. @throws StartupFault that says what is wrong with it */
  constructor(
    private readonly path: string,
    private readonly logger: Pick<AppLogger, 'info' | 'warn'>,
  ) {
    this.seen = stampOf(statSync(path, { throwIfNoEntry: false }));
    this.keys = keysOf(readKeysFile(path));
    this.timer = setInterval(() => this.look(), LOOK_MS).unref();
  }

  get size(): number {
    return this.keys.size;
  }

  /** Whose key this is; undefined: nobody's, or it has expired. */
  find(key: string): Identity | undefined {
    if (!looksLikeKey(key)) return undefined;
    const found = this.keys.get(digestOfKey(key));
    return found !== undefined && found.expires > Date.now() ? found.identity : undefined;
  }

  close(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    stat(this.path, (error, found) => {
      const stamp = stampOf(error === null ? found : undefined);
      if (stamp === this.seen) return;
      this.seen = stamp;
      this.reload();
    });
  }

  /** A file that cannot be taken changes nothing: half a file, or none, must not lock everybody out. */
  private reload(): void {
    try {
      const entries = readKeysFile(this.path);
      this.keys = keysOf(entries);
      this.logger.info('keys read', { file: this.path, keys: entries.length });
    } catch (error) {
      if (!(error instanceof StartupFault)) throw error;
      const [{ what, mend } = { what: '', mend: '' }] = error.faults;
      this.logger.warn('keys stay as they were: their file cannot be taken', { reason: what, mend });
    }
  }
}

/** Another text when the file has changed, or another one is in its place; empty where there is none. */
const stampOf = (file: Stats | undefined): string =>
  file === undefined ? '' : [file.ino, file.size, file.mtimeMs, file.ctimeMs].join(' ');

function keysOf(entries: readonly KeyEntry[]): ReadonlyMap<string, Key> {
  return new Map(entries.map((entry) => [entry.sha256, keyOf(entry)]));
}

function keyOf({ id, scopes, models, rate, burst, expires }: KeyEntry): Key {
  return {
    identity: {
      principal: id,
      scopes: new Set(scopes),
      models: models && new Set(models),
      rate: rate === undefined ? undefined : { rowsPerSecond: rate, burst: burst ?? 2 * rate },
    },
    expires: expires === undefined ? Infinity : 1_000 * epochSeconds(expires),
  };
}
