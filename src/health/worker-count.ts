import type { HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import type { Channel } from '../channel/channel.js';

/** As the primary counts them. */
interface WorkerCount {
  readonly running: number;
  readonly configured: number;
}

/** A primary that is busy for longer says nothing of the others; the answer does not wait for it. */
const COUNTED_MS = 500;

/** How many workers serve, and how many should. However few do, whoever answers is one of them. */
export async function workersServe(
  primary: Channel,
  indicators: HealthIndicatorService,
): Promise<HealthIndicatorResult> {
  const count = await primary.ask<WorkerCount>('workers', undefined, COUNTED_MS).catch(() => ({}));
  return indicators.check('workers').up(count);
}
