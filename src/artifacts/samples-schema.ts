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

/** Of several targets a list. */
const label = { type: ['number', 'string', 'array'], items: { type: ['number', 'string'] } };

/** What the replay reads of a sample, by what it tells; the rest is for people. */
const CHECKS = {
  numbers: ajv.compile<Sample>(sample({ raw: numbers })),
  labels: ajv.compile<Sample>(sample({ raw: numbers, label })),
  probabilities: ajv.compile<Sample>(sample({ raw: numbers, probabilities: numbers, label })),
};

function told({ task, decision }: Manifest): keyof typeof CHECKS {
  if (task === 'regression') return 'numbers';
  const { kind } = decision;
  const hasProbabilities = kind === 'sigmoid' || kind === 'softmax' || 'probabilities' in decision;
  return hasProbabilities ? 'probabilities' : 'labels';
}

/**
 * Reads `samples.json` and checks that there is at least one sample and that each has what the replay reads.
 * @throws ArtifactFault that names the sample and its field.
 */
export function parseSamples(bytes: Buffer, manifest: Manifest): readonly Sample[] {
  const { samples } = (parseJson(bytes, 'samples.json') ?? {}) as { samples?: unknown };
  if (!Array.isArray(samples) || samples.length === 0)
    throw new ArtifactFault('samples.json holds no samples');
  const check = CHECKS[told(manifest)];
  const fault = samples.findIndex((each) => !check(each));
  if (fault === -1) return samples as Sample[];
  const [error] = check.errors ?? [];
  throw new ArtifactFault(`samples.json: sample ${fault + 1}${error?.instancePath}: ${error?.message}`);
}
