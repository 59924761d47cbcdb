import { channelPair } from '../../test/support/channel-pair.js';
import type { Siblings } from '../channel/siblings.js';
import { AppConfig } from '../config/app-config.js';
import { MetricsRegistry } from '../observability/metrics-registry.js';
import { CallerLimits } from './caller-limits.js';
import { COUNTED, SPENT } from './counted.js';
import { CountedElsewhere } from './counted-elsewhere.js';
import type { Counted } from './counted.js';

const RATE = { rowsPerSecond: 1, burst: 1_000 };
const given = (rows: number): Counted => ({ given: [{ principal: 'a', rate: RATE, rows }], strangers: [] });

it('a worker that starts counts what others gave before once, and all that comes later', async () => {
  const [worker, primary] = channelPair();
  const siblings = { primary: worker, isAlone: false } as unknown as Siblings;
  const limits = new CallerLimits(new MetricsRegistry(AppConfig.from({})), siblings);
  const heard = vi.spyOn(limits, 'hear');
  const elsewhere = new CountedElsewhere(limits, siblings);
  onTestFinished(() => elsewhere.onApplicationShutdown());
  // Told before the answer, and read by this worker when it has asked.
  primary.tell(COUNTED, given(100));
  primary.on(SPENT, () => {
    primary.tell(SPENT, given(100).given);
    primary.tell(COUNTED, given(10));
  });
  await elsewhere.onModuleInit();

  await vi.waitFor(() => expect(heard).toHaveBeenCalledTimes(2));
  expect(
    heard.mock.calls.map(
      ([
        {
          given: [one],
        },
      ]) => one!.rows,
    ),
  ).toEqual([100, 10]);
});

it('a worker tells what it has given, and nothing where that is nothing', async () => {
  const [worker, primary] = channelPair();
  const told: unknown[] = [];
  primary.on(SPENT, () => primary.tell(SPENT, []));
  primary.on(COUNTED, (counted: Counted) => told.push(counted));
  const siblings = { primary: worker, isAlone: false } as unknown as Siblings;
  const limits = new CallerLimits(new MetricsRegistry(AppConfig.from({})), siblings);
  const elsewhere = new CountedElsewhere(limits, siblings);
  await elsewhere.onModuleInit();
  elsewhere.onApplicationShutdown();
  const tell = vi.spyOn(limits, 'tell').mockReturnValue(given(3));
  elsewhere.onApplicationShutdown();

  await vi.waitFor(() => expect(told).toEqual([given(3)]));
  expect(tell).toHaveBeenCalledTimes(1);
});
