import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Channel } from '../channel/channel.js';
import { Siblings } from '../channel/siblings.js';
import type { MetricFamily } from '../observability/metric-family.js';
import { MetricsRegistry } from '../observability/metrics-registry.js';

/** What was counted since the last telling is lost where the process is killed. */
const PERIOD_MS = 1_000;
/** Of its time a process tells no more than one part in so many, however many models it has. */
const REST = 20;
/** The primary has taken what it is told within this time, or it is told the next. */
const TAKEN_MS = 2_000;
/** The primary waits half a second for other workers, and puts the page together. */
const PAGE_MS = 5_000;

/**
 * The metrics of this server. Where several processes serve, each tells the primary what it has counted, which keeps it
 * when the process ends, and adds all of it up for whoever is asked.
 */
@Injectable()
export class MetricsTeller implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private hasEnded = false;

  constructor(
    private readonly registry: MetricsRegistry,
    private readonly siblings: Siblings,
  ) {}

  /** All metrics of all processes in the Prometheus text format. @throws ChannelFault if the primary does not answer */
  async text(): Promise<string> {
    const { primary } = this.siblings;
    if (primary === undefined) return this.registry.text();
    return primary.ask<string>('metrics page', await this.registry.families(), PAGE_MS);
  }

  onApplicationBootstrap(): void {
    const { primary } = this.siblings;
    if (primary === undefined) return;
    primary.on('metrics', async (): Promise<MetricFamily[]> => {
      const families = await this.registry.families();
      return this.hasEnded ? [] : families;
    });
    void this.goOn(primary);
  }

  /**
   * Tells a last time, when no request is left, and before the models are: they go with this process, and what they have
   * counted is not to stand with that of versions that others serve no more.
   */
  async onApplicationShutdown(): Promise<void> {
    this.hasEnded = true;
    clearTimeout(this.timer);
    if (this.siblings.primary !== undefined) await this.tell(this.siblings.primary);
  }

  private async goOn(primary: Channel): Promise<void> {
    const milliseconds = await this.tell(primary);
    if (this.hasEnded) return;
    const rest = Math.max(PERIOD_MS, REST * milliseconds);
    this.timer = setTimeout(() => void this.goOn(primary), rest).unref();
  }

  /** @returns how long this process was kept by it, in milliseconds; when the primary has taken it */
  private async tell(primary: Channel): Promise<number> {
    const began = performance.now();
    const taken = primary.ask('metrics', await this.registry.totals(), TAKEN_MS);
    const milliseconds = performance.now() - began;
    // What the primary has not taken it is told the next time, with what is counted by then.
    await taken.catch(() => undefined);
    return milliseconds;
  }
}
