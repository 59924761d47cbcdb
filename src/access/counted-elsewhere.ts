import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Channel } from '../channel/channel.js';
import { Siblings } from '../channel/siblings.js';
import { CallerLimits } from './caller-limits.js';
import { COUNTED, type Counted, SPENT } from './counted.js';
import type { Given } from './rates.js';

/**
 * So often workers tell each other what they have counted. What a caller gets too much is what the others give him meanwhile, and
 * he waits for it afterwards.
 */
const TELL_MS = 100;
/** A worker that starts waits no longer to hear what callers have been given before. */
const HEARD_MS = 2_000;

/** Has the limits of callers hold for all workers of this server; does nothing where this process is alone. */
@Injectable()
export class CountedElsewhere implements OnModuleInit, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly limits: CallerLimits,
    private readonly siblings: Siblings,
  ) {}

  /** Before anybody is answered, so that a worker that is started anew refills nothing. */
  async onModuleInit(): Promise<void> {
    const { primary } = this.siblings;
    if (primary === undefined) return;
    await this.hearBefore(primary);
    this.timer = setInterval(() => this.tell(), TELL_MS).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
    if (this.timer !== undefined) this.tell();
  }

  /** What is told before the answer is in the answer already, however late this process comes to read it. */
  private async hearBefore(primary: Channel): Promise<void> {
    const heard = Promise.withResolvers<void>();
    primary.on(SPENT, (given: readonly Given[]) => {
      this.limits.hear({ given, strangers: [] });
      primary.on(COUNTED, (counted: Counted) => this.limits.hear(counted));
      heard.resolve();
    });
    primary.tell(SPENT);
    const timer = setTimeout(heard.resolve, HEARD_MS);
    await heard.promise;
    clearTimeout(timer);
  }

  private tell(): void {
    const counted = this.limits.tell();
    if (counted.given.length > 0 || counted.strangers.length > 0)
      this.siblings.primary?.tell(COUNTED, counted);
  }
}
