import { spawnSync } from 'node:child_process';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ARTIFACTS, copyTurnover, sha256 } from '../support/artifacts.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const NESTOR = fileURLToPath(new URL('../../bin/nestor.js', import.meta.url));

function check(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [NESTOR, 'check', ...args], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

describe('nestor check', () => {
  it('says of a folder of any name which version it is and what the server makes of it', () => {
    const copy = copyTurnover();
    const folder = join(temporaryFolder(), 'candidate of today');
    const digest = sha256(copy.read('model.onnx'));
    renameSync(copy.folder, folder);
    const { status, stdout, stderr } = check(folder);

    expect([status, stderr]).toEqual([0, '']);
    expect(stdout.split('\n')).toEqual([
      'turnover/1 can be served',
      '  task       classification',
      expect.stringMatching(/^ {2}inputs {5}9: satisfaction_level, .+, salary$/),
      `  model      sha256 ${digest}`,
      expect.stringMatching(/^ {2}all files {2}sha256 [0-9a-f]{64}$/),
      expect.stringMatching(
        /^ {2}samples {4}2000 replayed; farthest off: raw 0 \(allowed: 0\), probability \S+ \(allowed: 3e-16\)$/,
      ),
      expect.stringMatching(
        /^ {2}one row {4}0\.\d+ ms of a processor, within INFERENCE_BUDGET_MS \(5\): it runs in the server$/,
      ),
      expect.stringMatching(/^ {2}load {7}\d+\.\d\d s, \d+ MB$/),
      '',
    ]);
    expect(JSON.parse(check(folder, '--json').stdout)).toEqual({
      servable: true,
      model: 'turnover',
      version: '1',
      task: 'classification',
      inputs: expect.arrayContaining(['salary']),
      sha256: digest,
      content_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      replayed: { samples: 2000, raw: 0, probability: expect.any(Number) },
      tolerance: { raw: 0, probability: 3e-16 },
      seconds_per_row: expect.any(Number),
      seconds: expect.any(Number),
      bytes: expect.any(Number),
    });
  });

  it('says nothing of raw scores where a model has none', () => {
    const folder = join(ARTIFACTS, 'iris', '1');
    expect(check(folder).stdout).toMatch(
      /^ {2}samples {4}\d+ replayed; farthest off: probability \S+ \(allowed: 1e-12\)$/m,
    );
    expect(JSON.parse(check(folder, '--json').stdout)).toMatchObject({
      replayed: { samples: expect.any(Number), probability: expect.any(Number) },
      tolerance: { probability: 1e-12 },
    });
    expect(check(folder, '--json').stdout).not.toContain('"raw"');
  });

  it('gives the reason, and exit code 1, where the server would refuse it', () => {
    const { folder } = copyTurnover().editSamples((samples) => (samples[41]!['label'] = 7));
    const reason = 'samples.json: sample 42: the estimator says 7, the served model 0';

    expect(check(folder)).toEqual({
      status: 1,
      stdout: '',
      stderr: `${folder} cannot be served: ${reason}\n`,
    });
    expect(check(folder, '--json')).toEqual({
      status: 1,
      stdout: `${JSON.stringify({ servable: false, reason })}\n`,
      stderr: '',
    });
  });

  it('compares the inputs with the DTO of a model that has one', () => {
    const { folder } = copyTurnover().editManifest((manifest) => {
      manifest.inputs = manifest.inputs.map((input) =>
        input.name === 'number_project' ? { ...input, maximum: 3 } : input,
      );
    });

    expect(check(folder).stderr).toMatch(
      /cannot be served: the DTO does not fit the manifest: .*number_project/,
    );
  });

  it('asks for a folder', () => {
    expect(check('nowhere')).toEqual({
      status: 2,
      stdout: '',
      stderr: 'nestor: nowhere is not a folder; give one such as artifacts/iris/1\n',
    });
    expect(check().stderr).toMatch(/^nestor: "check" is not a command, or lacks an option\n\nUsage: nestor/);
  });
});
