import { Ajv } from 'ajv';
import { ArtifactFault } from './artifact-fault.js';
import type { Manifest, Sample } from './manifest.js';
import { parseJson } from './manifest-schema.js';

// The schemas stand below. To check them too, Ajv would compile the schema of schemas at every start.
const ajv = new Ajv({ strictTypes: false, validateSchema: false, meta: false });
const numbers = { type: 'array', items: { type: 'number' } } as const;
const input = { type: 'object', additionalProperties: { type: ['number', 'string', 'boolean', 'null'] } };
const sample = (answer: object): object => ({
  type: 'object',
  properties: { input, ...answer },
  required: ['input', ...Object.keys(answer)],
});

/** What the replay reads of a sample, by task; the rest is for people. */
const CHECKS = {
  classification: ajv.compile<Sample>(
    sample({ raw: numbers, probabilities: numbers, label: { type: ['number', 'string'] } }),
  ),
  regression: ajv.compile<Sample>(sample({ raw: numbers })),
};

/**
 * Reads `samples.json` and checks that there is at least one sample and that each has what the replay reads.
 * @throws ArtifactFault that names the sample and its field.
 */
export function parseSamples(bytes: Buffer, task: Manifest['task']): readonly Sample[] {
  const { samples } = (parseJson(bytes, 'samples.json') ?? {}) as { samples?: unknown };
  if (!Array.isArray(samples) || samples.length === 0)
    throw new ArtifactFault('samples.json holds no samples');
  const check = CHECKS[task];
  const fault = samples.findIndex((each) => !check(each));
  if (fault === -1) return samples as Sample[];
  const [error] = check.errors ?? [];
  throw new ArtifactFault(`samples.json: sample ${fault + 1}${error?.instancePath}: ${error?.message}`);
}
