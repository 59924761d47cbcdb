import { rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { vi } from 'vitest';
import { type ArtifactCopy, copyTurnover, sha256 } from '../support/artifacts.js';
import { createTestApp } from '../support/create-app.js';
import { metric } from '../support/metrics.js';
import { problem } from '../support/shapes.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

type Damage = (copy: ArtifactCopy) => RegExp;

const changed =
  (path: string): Damage =>
  (copy) => {
    const expected = sha256(copy.read(path));
    copy.damage(path);
    return new RegExp(
      `^${path} has changed: expected sha256 ${expected}, actual ${sha256(copy.read(path))}$`,
    );
  };

/** Takes the first column out of the encoding. */
const dropColumn: Parameters<ArtifactCopy['editManifest']>[0] = (manifest) => {
  const { encoding } = manifest;
  if (encoding.encoder !== 'tabular') return;
  manifest.encoding = { ...encoding, columns: encoding.columns.slice(1) };
};

const sample42 =
  (change: (sample: Record<string, unknown>) => unknown, reason: RegExp): Damage =>
  (copy) => {
    copy.editSamples((samples) => change(samples[41]!));
    return reason;
  };

const samplesAre =
  (content: string): Damage =>
  (copy) => (copy.write('samples.json', content), copy.seal(), /^samples\.json holds no samples$/);

const DAMAGES: [string, Damage][] = [
  ...copyTurnover()
    .files()
    .map((path): [string, Damage] => [`one changed byte in ${path}`, changed(path)]),
  [
    'a changed byte in SHA256SUMS',
    (copy) => (copy.damage('SHA256SUMS'), /sha256|SHA256SUMS|is missing|not named/),
  ],
  [
    'a file too many',
    (copy) => (copy.write('plots/notes.txt', 'x'), /^plots\/notes\.txt is not named in SHA256SUMS$/),
  ],
  [
    'a file too large to read',
    (copy) => {
      copy.write('plots/notes.txt', '');
      truncateSync(join(copy.folder, 'plots/notes.txt'), 2 ** 31);
      return /^plots\/notes\.txt cannot be read: File size/;
    },
  ],
  [
    'another tensor name',
    (copy) => {
      copy.editManifest(({ tensors }) => Object.assign(tensors.inputs[0]!, { name: 'other' }));
      return /^input tensors: the manifest says other FP64 \[-1, 20\], the graph has features FP64 \[-1, 20\]$/;
    },
  ],
  [
    'another tensor type',
    (copy) => {
      copy.editManifest(({ tensors }) => Object.assign(tensors.inputs[0]!, { datatype: 'FP32' }));
      return /^input tensors: the manifest says features FP32 \[-1, 20\], the graph has features FP64 \[-1, 20\]$/;
    },
  ],
  [
    'another width of the tensor',
    (copy) => {
      copy.editManifest((manifest) => {
        dropColumn(manifest);
        Object.assign(manifest.tensors.inputs[0]!, { shape: [-1, 19] });
      });
      return /^input tensors: the manifest says features FP64 \[-1, 19\], the graph has features FP64 \[-1, 20\]$/;
    },
  ],
  [
    'another rank of a tensor',
    (copy) => {
      copy.editManifest(({ tensors }) => Object.assign(tensors.outputs[0]!, { shape: [-1] }));
      return /^output tensors: the manifest says raw_score FP64 \[-1\], the graph has raw_score FP64 \[-1, 1\]$/;
    },
  ],
  [
    'a column too few',
    (copy) => (
      copy.editManifest(dropColumn),
      /^manifest\.json\/encoding: 19 columns do not fit the tensor features FP64 \[-1, 20\]$/
    ),
  ],
  [
    'a column too few for a tensor that the manifest leaves free',
    (copy) => {
      copy.editManifest((manifest) => {
        dropColumn(manifest);
        Object.assign(manifest.tensors.inputs[0]!, { shape: [-1, -1] });
      });
      return /^model\.onnx cannot answer samples\.json: .*features[^]*Got: 19 Expected: 20/;
    },
  ],
  [
    'classes that the graph does not answer',
    (copy) => {
      const decision = { kind: 'labelled', label: 'raw_score', probabilities: 'raw_score' } as const;
      copy.editManifest((manifest) => (manifest.decision = decision));
      return /^model\.onnx cannot answer samples\.json: the model answered a class that the manifest does not know$/;
    },
  ],
  [
    'a label with half a character',
    (copy) => {
      copy.editManifest(({ classes }) => Object.assign(classes![0]!, { label: 'st\ud83dys' }));
      return /^manifest\.json: "st\\ud83dys" holds an unpaired surrogate$/;
    },
  ],
  [
    'a DTO that does not fit',
    (copy) => {
      copy.editManifest(({ inputs }) => Object.assign(inputs[0]!, { maximum: 2 }));
      return /the DTO does not fit the manifest: "satisfaction_level": maximum is 1 in the DTO, 2 in the manifest/;
    },
  ],
  [
    'an input to be hashed, for which there is no key',
    (copy) => {
      copy.editManifest(({ inputs }) => Object.assign(inputs[0]!, { record: 'hash' }));
      return /^its records hash the input "satisfaction_level", and this server has no key for that: let PREDICTION_LOG_HASH_KEY_FILE/;
    },
  ],
  [
    'a sample with another label',
    (copy) => {
      copy.editSamples((samples) =>
        Object.assign(samples[41]!, { label: 1 - (samples[41]!['label'] as number) }),
      );
      return /^samples\.json: sample 42: the estimator says [01], the served model [01]$/;
    },
  ],
  [
    'a raw score that differs in its last bit',
    (copy) => {
      copy.editSamples((samples) => {
        const [raw] = samples[41]!['raw'] as [number];
        Object.assign(samples[41]!, { raw: [raw * (1 + Number.EPSILON)] });
      });
      return /^samples\.json: sample 42: raw: expected \S+, actual \S+, tolerance 0$/;
    },
  ],
  ...['raw', 'input', 'label', 'probabilities'].map((field): [string, Damage] => [
    `a sample without ${field}`,
    sample42(
      (sample) => delete sample[field],
      new RegExp(`^samples\\.json: sample 42: must have required property '${field}'$`),
    ),
  ]),
  [
    'a sample whose raw score is a text',
    sample42((sample) => (sample['raw'] = ['4.2']), /^samples\.json: sample 42\/raw\/0: must be number$/),
  ],
  [
    'a sample whose input holds a list',
    sample42(
      (sample) => Object.assign(sample['input'] as object, { salary: ['low'] }),
      /^samples\.json: sample 42\/input\/salary: must be number,string,boolean,null$/,
    ),
  ],
  [
    'a sample that is null',
    (copy) => (
      copy.editSamples((samples) => samples.splice(41, 1, null as never)),
      /^samples\.json: sample 42: must be object$/
    ),
  ],
  ...['null', '[]', '{}', '{"samples":{}}'].map((content): [string, Damage] => [
    `samples.json is ${content}`,
    samplesAre(content),
  ]),
  ['no samples', (copy) => (copy.editSamples((samples) => samples.splice(0)), /holds no samples/)],
  [
    'a manifest of another model',
    (copy) => (
      copy.editManifest((manifest) => (manifest.model = 'other')),
      /is of other\/1, the folder of turnover\/1/
    ),
  ],
  [
    'a manifest that is not JSON',
    (copy) => (copy.write('manifest.json', '{'), copy.seal(), /^manifest\.json is not JSON/),
  ],
  [
    'a graph that is none',
    (copy) => (copy.write('model.onnx', 'x'), copy.seal(), /^model\.onnx cannot be loaded/),
  ],
];

describe('an artifact that is not what it was', () => {
  it.each(DAMAGES)('is refused with the reason: %s', async (_, damage) => {
    const root = temporaryFolder();
    copyTurnover({ root, name: 'healthy' });
    const reason = damage(copyTurnover({ root }));
    const app = await createTestApp({ ARTIFACTS_DIR: root, LOG_LEVEL: 'warn', LOG_DIR: temporaryFolder() });
    onTestFinished(() => app.close());

    const listed = (await app.get('/models')).body as { models: object[] };
    expect(listed.models[1]).toEqual({
      name: 'turnover',
      version: '',
      versions: [{ version: '1', state: 'refused', reason: expect.stringMatching(reason) }],
      state: 'refused',
      task: null,
      sha256: null,
    });
    await vi.waitFor(() =>
      expect(app.applicationLog()).toMatchObject([
        {
          level: 'warn',
          message: 'model version refused',
          model: 'turnover',
          reason: expect.stringMatching(reason),
        },
      ]),
    );
    for (const route of ['/predict', '/models/turnover/predict']) {
      const refused = await app.post(route, TURNOVER_ROW);
      expect(refused.status).toBe(503);
      expect(refused.body).toEqual(
        problem('model_not_ready', 503, {
          detail: 'model "turnover" is not ready; its reason stands in GET /models',
        }),
      );
    }
    const ready = await app.get('/health/ready');
    expect(ready.status).toBe(200);
    expect(ready.body).toMatchObject({
      info: { models: { status: 'up', ready: 1, unready: ['turnover'] } },
    });
    expect(await app.get('/models/turnover/ready')).toMatchObject({
      status: 503,
      body: problem('model_not_ready', 503),
    });
    expect((await app.post('/models/healthy/predict', TURNOVER_ROW)).status).toBe(200);
    const { text } = await app.get('/metrics');
    expect(metric(text, 'nestor_model_ready', { model: 'turnover' })).toBe(0);
    expect(metric(text, 'nestor_model_ready', { model: 'healthy' })).toBe(1);
  });

  it.each(['SHA256SUMS', 'model.onnx', 'card.md'])(
    'waits for a folder that still lacks %s, and says so',
    async (file) => {
      const root = temporaryFolder();
      copyTurnover({ root, name: 'healthy' });
      rmSync(join(copyTurnover({ root }).folder, file));
      const app = await createTestApp({ ARTIFACTS_DIR: root });
      onTestFinished(() => app.close());

      expect((await app.get('/models/turnover')).body).toEqual({
        name: 'turnover',
        version: '',
        versions: [{ version: '1', state: 'loading', reason: `${file} is missing` }],
        state: 'loading',
        task: null,
        sha256: null,
        aliases: {},
      });
      const reply = await app.post('/predict', TURNOVER_ROW);
      expect(reply).toMatchObject({ status: 503, headers: { 'retry-after': '2' } });
      expect(reply.body).toEqual(
        problem('model_not_ready', 503, { detail: 'model "turnover" is being loaded; try again soon' }),
      );
      expect((await app.get('/health/started')).status).toBe(200);
    },
  );
});
