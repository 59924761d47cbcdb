import { Injectable } from '@nestjs/common';
import { MetricsRegistry } from '../observability/metrics-registry.js';
import { ModelRegistry } from './model-registry.js';

/** Which models there are and whether they answer, as the registry has it when Prometheus asks. */
@Injectable()
export class ModelMetrics {
  constructor(metrics: MetricsRegistry, models: ModelRegistry) {
    metrics.collected({
      name: 'nestor_model_ready',
      help: '1 if the champion of the model answers, else 0.',
      type: 'gauge',
      aggregator: 'min',
      *collect() {
        const unready = new Set(models.unready());
        for (const { name } of models.all()) yield [{ model: name }, unready.has(name) ? 0 : 1];
      },
    });
    metrics.collected({
      name: 'nestor_model_info',
      help: 'Versions that aliases name, with the SHA-256 of model.onnx; the value is always 1.',
      type: 'gauge',
      aggregator: 'max',
      *collect() {
        for (const { name, aliases, versions } of models.all()) {
          for (const [alias, version] of Object.entries(aliases)) {
            const digest = versions.find((each) => each.version === version)?.loaded?.digest ?? '';
            yield [{ model: name, version, digest, alias }, 1];
          }
        }
      },
    });
    metrics.collected({
      name: 'nestor_model_folder_gone',
      help: '1 for a champion that is served from memory because its folder is gone.',
      type: 'gauge',
      aggregator: 'max',
      *collect() {
        for (const { name, versions, champion } of models.all()) {
          const state = versions.find(({ loaded }) => loaded !== undefined && loaded === champion);
          if (state?.isGone) yield [{ model: name, version: state.version }, 1];
        }
      },
    });
  }
}
