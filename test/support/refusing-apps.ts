import { cpSync, readdirSync, writeFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ProblemCode } from '../../src/http/problems.js';
import { ArtifactCopy, ARTIFACTS } from './artifacts.js';
import { createTestApp, type TestApp } from './create-app.js';
import { tarOfFolder } from './pushed.js';
import { END_MARK } from './tar.js';
import { temporaryFolder } from './temporary-folder.js';

/** The model that routes for every model are shown with: the first in order of name. */
const MODEL = 'diabetes';
const STRAY = 'notes.txt';
const JSON_TYPE = { 'content-type': 'application/json', 'if-match': '*' };

/** A server that refuses the calls of the documentation by a code. */
export interface Refusing {
  readonly serve: () => Promise<TestApp>;
  /** What the calls have beside that. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The body of the one call that brings an archive, which the documentation does not show. */
  readonly archive?: () => Promise<Buffer>;
  /** Paths where the same code has other causes. */
  readonly isElsewhere?: (path: string) => boolean;
}

const isPublish = (path: string): boolean => path === '/models/{model}/versions';

export const REFUSING: Partial<Record<ProblemCode, Refusing>> = {
  model_not_ready: {
    serve: () => {
      const root = temporaryFolder();
      cpSync(ARTIFACTS, root, { recursive: true });
      for (const name of models()) new ArtifactCopy(root, name, '1').write(STRAY, '');
      return createTestApp({ ARTIFACTS_DIR: root });
    },
  },
  version_not_ready: {
    serve: async () => {
      const root = await promoted();
      rmSync(join(root, MODEL, '1', 'model.onnx'));
      return createTestApp({ ARTIFACTS_DIR: root });
    },
    // It is only met there when somebody changes the folder of a version that has just come.
    isElsewhere: isPublish,
  },
  version_refused: {
    serve: async () => {
      const root = await promoted();
      new ArtifactCopy(root, MODEL, '1').write(STRAY, '');
      return createTestApp({ ARTIFACTS_DIR: root });
    },
    archive: () => {
      const copy = copyTo(temporaryFolder());
      copy.write(STRAY, '');
      return tarOfFolder(copy.folder);
    },
  },
  version_taken: {
    serve: async () => createTestApp({ ARTIFACTS_DIR: copyTo(temporaryFolder()).root }),
    archive: () => {
      const copy = copyTo(temporaryFolder());
      copy.write('card.md', 'another card');
      return tarOfFolder(copy.seal().folder);
    },
  },
  invalid_archive: { serve: empty, archive: () => Promise.resolve(END_MARK) },
  archive_too_large: {
    serve: empty,
    // One byte more than is allowed where nobody says how many are.
    headers: { 'content-length': '268435457' },
    archive: () => Promise.resolve(END_MARK),
  },
  revision_mismatch: {
    serve: async () => createTestApp({ ARTIFACTS_DIR: await promoted() }),
    headers: { 'if-match': '"0"' },
  },
  prediction_log_unavailable: {
    serve: async () => {
      const PREDICTION_LOG_DIR = temporaryFolder();
      for (const name of models()) writeFileSync(join(PREDICTION_LOG_DIR, `model=${name}`), '');
      const app = await createTestApp({ PREDICTION_LOG_DIR });
      // It is known of a model from its first prediction on.
      const samples = new ArtifactCopy(ARTIFACTS, MODEL, '1').read('samples.json').toString();
      const [{ input }] = (JSON.parse(samples) as { samples: [{ input: object }] }).samples;
      expect((await app.post(`/models/${MODEL}/predict`, input)).status).toBe(503);
      return app;
    },
  },
};

function empty(): Promise<TestApp> {
  return createTestApp({ ARTIFACTS_DIR: temporaryFolder() });
}

const models = (): string[] =>
  readdirSync(ARTIFACTS, { withFileTypes: true })
    .filter((each) => each.isDirectory())
    .map(({ name }) => name);

function copyTo(root: string, version = '1'): ArtifactCopy {
  const copy = new ArtifactCopy(root, MODEL, version);
  cpSync(join(ARTIFACTS, MODEL, '1'), copy.folder, { recursive: true });
  return version === '1' ? copy : copy.editManifest((manifest) => (manifest.version = version));
}

/** A folder of versions 1 and 2, where 2 was made champion after 1 by the one change that there was. */
async function promoted(): Promise<string> {
  const { root } = copyTo(temporaryFolder());
  copyTo(root, '2');
  writeFileSync(join(root, MODEL, 'aliases.json'), '{"champion":"1"}');
  const app = await createTestApp({ ARTIFACTS_DIR: root });
  const change = '{"version":"2"}';
  const { status, text } = await app.send('PUT', `/models/${MODEL}/aliases/champion`, change, JSON_TYPE);
  expect(status, text).toBe(200);
  await app.close();
  return root;
}
