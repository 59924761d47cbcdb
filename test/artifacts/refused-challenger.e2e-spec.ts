import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ArtifactCopy, copyTurnover } from '../support/artifacts.js';
import { createTestApp } from '../support/create-app.js';
import { problem } from '../support/shapes.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

const DAMAGES: [string, (copy: ArtifactCopy) => unknown, string][] = [
  ['by its digests', (copy) => copy.damage('model.onnx'), 'model.onnx has changed'],
  [
    'by its samples',
    (copy) => copy.editSamples(([first]) => delete first!['raw']),
    'samples.json: sample 1: must have',
  ],
  [
    'by the runtime',
    (copy) =>
      copy.editManifest(({ encoding, tensors }) => {
        if (encoding.encoder === 'tabular') (encoding.columns as object[]).pop();
        Object.assign(tensors.inputs[0]!, { shape: [-1, -1] });
      }),
    'model.onnx cannot answer samples.json: Got invalid dimensions',
  ],
];

describe('a refused version that is not champion', () => {
  it.each(DAMAGES)('changes nothing but that it does not answer: %s', async (_, damage, reason) => {
    const root = temporaryFolder();
    copyTurnover({ root });
    damage(copyTurnover({ root, version: '2' }));
    writeFileSync(join(root, 'turnover', 'aliases.json'), '{"champion":"1"}');
    const app = await createTestApp({ ARTIFACTS_DIR: root });

    expect((await app.get('/health/ready')).status).toBe(200);
    expect((await app.post('/models/turnover/predict', TURNOVER_ROW)).body).toMatchObject({ version: '1' });
    const reply = await app.post('/models/turnover/versions/2/predict', TURNOVER_ROW);
    expect(reply.status).toBe(404);
    expect(reply.body).toEqual(problem('version_not_found', 404));
    expect((await app.get('/models/turnover')).body).toMatchObject({
      state: 'ready',
      versions: [
        { version: '1', state: 'ready' },
        { version: '2', state: 'refused', reason: expect.stringContaining(reason) },
      ],
    });
  });
});
