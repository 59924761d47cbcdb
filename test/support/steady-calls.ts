import { setTimeout as after } from 'node:timers/promises';
import { atEnd } from './clean-up.js';
import type { Server } from './server.js';
import { TURNOVER_ROW } from './turnover-row.js';

const PAUSE_MS = 5;

/** Calls a server steadily, single predictions, batches and `/health/live`, until it is told to stop. */
export class SteadyCalls {
  /** Predictions answered by version; what has come in since `since()` was asked last. */
  private answered = new Map<string, number>();
  private readonly faults: string[] = [];
  private isStopped = false;
  private readonly callers: readonly Promise<void>[];

  constructor(private readonly server: Server) {
    this.callers = [
      this.repeat(() => this.predict('/models/turnover/predict', TURNOVER_ROW)),
      this.repeat(() => this.predict('/models/turnover/predict', TURNOVER_ROW)),
      this.repeat(() =>
        this.predict('/v1/models/turnover:predict', { instances: Array(300).fill(TURNOVER_ROW) }),
      ),
      this.repeat(async () => {
        const reply = await fetch(`${server.url}/health/live`);
        if (reply.status !== 200) this.faults.push(`live: ${reply.status}`);
        await reply.text();
      }),
    ];
    atEnd(() => this.stop());
  }

  /** Calls answered by each version since this was asked before. */
  since(): Record<string, number> {
    const answered = Object.fromEntries(this.answered);
    this.answered = new Map();
    return answered;
  }

  /** @returns whatever was no good answer. */
  async stop(): Promise<readonly string[]> {
    this.isStopped = true;
    await Promise.all(this.callers);
    return this.faults;
  }

  private async repeat(call: () => Promise<void>): Promise<void> {
    while (!this.isStopped) {
      await call().catch((error: unknown) => this.faults.push(String(error)));
      await after(PAUSE_MS);
    }
  }

  private async predict(path: string, body: unknown): Promise<void> {
    const reply = await this.server.post(path, body);
    const text = await reply.text();
    if (reply.status !== 200) {
      this.faults.push(`${reply.status} ${text}`);
      return;
    }
    const parsed = JSON.parse(text) as { version: string; predictions?: { version: string }[] };
    const versions = new Set((parsed.predictions ?? [parsed]).map(({ version }) => version));
    if (versions.size > 1) this.faults.push(`a reply of ${[...versions].join(' and ')}`);
    for (const version of versions) this.answered.set(version, (this.answered.get(version) ?? 0) + 1);
  }
}
