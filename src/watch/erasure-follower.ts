import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import { LEDGER, type LedgerEntry } from '../journal/seal-entries.js';
import type { AppLogger } from '../observability/app-logger.js';
import type { StateDatabase } from '../state/state-database.js';
import { StateUnavailable } from '../state/state-unavailable.js';
import { PeriodicWork } from './periodic-work.js';

const LOOK_MS = 5_000;
/** What one operation of the state database takes. */
const CHUNK = 200;
const LINE_FEED = 0x0a;

/**
 * Takes what was given for erased records out of the state: at the start for all that the ledger names, and every five
 * seconds for what is new in it. A value that was about to be kept when its record went is taken at the next start.
 */
export class ErasureFollower implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly looks = new PeriodicWork(() => this.lookOnce(), LOOK_MS);
  /** Bytes of the ledger that are done. */
  private done = 0;

  /** @param isAsked false: another worker of this server follows it */
  constructor(
    private readonly root: string,
    private readonly state: Pick<StateDatabase, 'run'>,
    private readonly logger: AppLogger,
    private readonly isAsked: boolean,
  ) {}

  onApplicationBootstrap(): void {
    if (!this.isAsked) return;
    this.looks.begin();
    void this.look();
  }

  beforeApplicationShutdown(): void {
    void this.looks.end();
  }

  /** Resolves when what the ledger says by now is done, or has failed. */
  look(): Promise<void> {
    return this.looks.once();
  }

  private async lookOnce(): Promise<void> {
    try {
      const path = join(this.root, LEDGER);
      // Most looks find nothing new, and it may be long.
      if (((await stat(path).catch(absent))?.size ?? 0) === this.done) return;
      const ledger = (await readFile(path).catch(absent)) ?? Buffer.of();
      // Another one is there than before.
      if (ledger.length < this.done) this.done = 0;
      const end = ledger.lastIndexOf(LINE_FEED) + 1;
      for (const line of ledger.toString('utf8', this.done, end).split('\n').slice(0, -1)) {
        for (const ids of chunksOf(erasedIn(line))) {
          if (this.looks.hasEnded) return;
          await this.state.run('forgetPredictions', { ids });
        }
      }
      this.done = end;
    } catch (error) {
      if (this.looks.hasEnded || error instanceof StateUnavailable) return;
      this.logger.error('the ledger of erasures cannot be followed', { reason: (error as Error).message });
    }
  }
}

function erasedIn(line: string): string[] {
  try {
    const entry = JSON.parse(line) as LedgerEntry;
    return 'erased' in entry ? entry.records.map(({ id }) => id) : [];
  } catch {
    // Somebody has spoilt it, which `log verify` tells.
    return [];
  }
}

function* chunksOf(ids: readonly string[]): Generator<string[], void> {
  for (let at = 0; at < ids.length; at += CHUNK) yield ids.slice(at, at + CHUNK);
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
