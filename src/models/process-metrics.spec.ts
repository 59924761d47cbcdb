import type { Manifest } from '../artifacts/manifest.js';
import { AppConfig } from '../config/app-config.js';
import { MetricsRegistry } from '../observability/metrics-registry.js';
import { ProcessMetrics } from './process-metrics.js';

type Pool = Parameters<ProcessMetrics['register']>[1];

const registry = new MetricsRegistry(AppConfig.from({}));
const metrics = new ProcessMetrics(registry);

const manifestOf = (model: string, version: string): Manifest => ({ model, version }) as Manifest;
const poolOf = (alive: number, deaths: [string, number][]): Pool =>
  ({ alive, deaths: new Map(deaths) }) as unknown as Pool;

const series = async (): Promise<string[]> =>
  (await registry.text()).split('\n').filter((line) => /^nestor_model_(process|runs)/.test(line));

describe('processes of models', () => {
  it('have no series where every model runs in the server', async () => {
    expect(await series()).toEqual([]);
  });

  it('are told by version while it is loaded; their deaths by model, and for ever', async () => {
    const first = metrics.register(
      manifestOf('a', '1'),
      poolOf(1, [
        ['killed', 3],
        ['memory', 1],
      ]),
      { waitingCalls: 2 },
    );
    metrics.register(manifestOf('a', '2'), poolOf(2, [['killed', 4]]), { waitingCalls: 5 });
    metrics.register(manifestOf('b', '1'), poolOf(1, []), { waitingCalls: 0 });
    const deaths = [
      'nestor_model_process_deaths_total{model="a",reason="killed"} 7',
      'nestor_model_process_deaths_total{model="a",reason="memory"} 1',
    ];

    expect(await series()).toEqual([
      'nestor_model_processes{model="a",version="1"} 1',
      'nestor_model_processes{model="a",version="2"} 2',
      'nestor_model_processes{model="b",version="1"} 1',
      'nestor_model_runs_waiting{model="a"} 7',
      'nestor_model_runs_waiting{model="b"} 0',
      ...deaths,
    ]);

    first();
    expect(await series()).toEqual([
      'nestor_model_processes{model="a",version="2"} 2',
      'nestor_model_processes{model="b",version="1"} 1',
      'nestor_model_runs_waiting{model="a"} 5',
      'nestor_model_runs_waiting{model="b"} 0',
      ...deaths,
    ]);
  });
});
