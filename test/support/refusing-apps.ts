import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, writeFileSync, rmSync } from 'node:fs';
import { type ClientRequest, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { vi } from 'vitest';
import { EXAMPLE_ID, FAILED_GATE, KILLED } from '../../src/docs/problem-examples.js';
import { EXAMPLE_JOB, EXAMPLE_KEY, EXAMPLE_TOKEN } from '../../src/doors/training/example-job.js';
import { newOwner } from '../../src/files/lock-owner.js';
import type { ProblemCode } from '../../src/http/problems.js';
import { ArtifactCopy, ARTIFACTS } from './artifacts.js';
import { atEnd } from './clean-up.js';
import { createTestApp, type TestApp } from './create-app.js';
import { watchFileCalls } from './file-calls.js';
import { tarOfFolder, TAR } from './pushed.js';
import { END_MARK } from './tar.js';
import { notePrunedDay } from '../../src/journal/pruned-days.js';
import { ModelProcessEnded } from '../../src/errors/errors.js';
import { RecordFinder } from '../../src/journal/record-finder.js';
import { EXAMPLE_PREDICTION } from '../../src/models/example.js';
import { timeOfId } from '../../src/observability/ids.js';
import { ModelRegistry } from '../../src/models/model-registry.js';
import { PredictionService } from '../../src/models/prediction.service.js';
import { StateDatabase } from '../../src/state/state-database.js';
import type { StoredJob } from '../../src/state/stored-job.js';
import { waitingJob } from './state.js';
import { temporaryFolder } from './temporary-folder.js';
import { MAY_MOUNT, smallDisk, takeSpace } from './tmpfs.js';

/** The model that routes for every model are shown with: the first in order of name. */
const MODEL = 'diabetes';
const STRAY = 'notes.txt';
const NO_ARGUMENTS = { type: 'object', properties: {}, additionalProperties: false };
const JSON_TYPE = { 'content-type': 'application/json', 'if-match': '*' };

/** A server that refuses the calls of the documentation by a code. */
export interface Refusing {
  readonly serve: () => Promise<TestApp>;
  /** What the calls have beside that. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The body of the one call that brings an archive, which the documentation does not show. */
  readonly archive?: () => Promise<Buffer>;
  /** Whether this machine lets it come to that; undefined: every one does. */
  readonly isPossible?: boolean;
  /** Paths where the same code has other causes. */
  readonly isElsewhere?: (path: string) => boolean;
}

/** A whole archive of a version that is not there. */
export const anotherVersion = (): Promise<Buffer> => tarOfFolder(copyTo(temporaryFolder(), '3').folder);

const isPublish = (path: string): boolean => path === '/models/{model}/versions';

/** By code; several where one server has not the cause for all. */
export const REFUSING: Partial<Record<ProblemCode, Refusing | readonly Refusing[]>> = {
  // Of a route that names no model: its own is not there.
  model_not_found: {
    serve: () => createTestApp({ ARTIFACTS_DIR: temporaryFolder() }),
    isElsewhere: (path) => path !== '/',
  },
  model_not_ready: {
    serve: () => {
      const root = temporaryFolder();
      cpSync(ARTIFACTS, root, { recursive: true });
      for (const name of models()) new ArtifactCopy(root, name, '1').write(STRAY, '');
      return createTestApp({ ARTIFACTS_DIR: root });
    },
    // Their examples name a version, which is refused: drift.e2e-spec.ts and quality-answer.e2e-spec.ts ask without one.
    isElsewhere: (path) => path.endsWith('/drift') || path.endsWith('/quality'),
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
      expect((await app.post(`/models/${MODEL}/predict`, firstInput())).status).toBe(503);
      return app;
    },
  },
  prediction_log_failed: {
    serve: async () => {
      const app = await createTestApp({ PREDICTION_LOG_DURABILITY: 'synced' });
      // Its file must be open: a file that cannot be opened is tried again.
      expect((await app.post(`/models/${MODEL}/predict`, firstInput())).status).toBe(200);
      const end = await watchFileCalls(({ name }) => {
        if (name === 'handle.datasync')
          throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO', syscall: 'fdatasync' });
      });
      // The first sync that fails is the last one for every model.
      expect((await app.post(`/models/${MODEL}/predict`, firstInput())).status).toBe(503);
      end();
      return app;
    },
  },
  deadline_exceeded: {
    headers: { 'x-request-timeout-ms': '1' },
    serve: async () => {
      const app = await createTestApp();
      const predictions = app.app.get(PredictionService);
      const predict = predictions.predict.bind(predictions);
      // The server has something else to do for longer than anybody waits.
      predictions.predict = (...call) => {
        const until = performance.now() + 5;
        while (performance.now() < until);
        predict(...call);
      };
      return app;
    },
  },
  model_process_ended: {
    serve: async () => {
      const app = await createTestApp();
      for (const version of app.app.get(ModelRegistry).usable()) {
        Object.defineProperty(version, 'fault', { value: KILLED });
        vi.spyOn(version.batcher, 'submit').mockImplementation(() => {
          throw new ModelProcessEnded(version.manifest.model, KILLED);
        });
      }
      return app;
    },
    // GET / asks a model where it has a text, and its examples are those of the index.
    isElsewhere: (path) => path === '/',
  },
  read_only_models: {
    isPossible: MAY_MOUNT,
    serve: async () => {
      const root = await promotedOnDisk();
      spawnSync('mount', ['-o', 'remount,ro', root]);
      return createTestApp({ ARTIFACTS_DIR: root });
    },
    archive: anotherVersion,
  },
  no_space: {
    isPossible: MAY_MOUNT,
    serve: async () => {
      const root = await promotedOnDisk();
      const app = await createTestApp({ ARTIFACTS_DIR: root });
      takeSpace(root);
      return app;
    },
    archive: anotherVersion,
  },
  aliases_busy: [
    { serve: async () => locked(await promoted()), isElsewhere: isPublish },
    {
      // No file says who is champion: a version that comes has it written down first.
      serve: async () => locked(copyTo(temporaryFolder()).root),
      archive: anotherVersion,
      isElsewhere: (path) => !isPublish(path),
    },
  ],
  uploads_busy: {
    serve: async () => {
      const { root } = copyTo(temporaryFolder());
      const app = await createTestApp({ ARTIFACTS_DIR: root });
      await app.app.listen(0, '127.0.0.1');
      const tar = await anotherVersion();
      for (const count of [1, 2]) {
        const sending = halfSent(app, tar);
        atEnd(() => sending.destroy());
        const uploads = join(root, '.uploads');
        await vi.waitUntil(() => existsSync(uploads) && readdirSync(uploads).length === count, 10_000);
      }
      return app;
    },
    archive: anotherVersion,
  },
  lease_lost: {
    serve: () => withJobs({ id: EXAMPLE_JOB }),
    headers: { 'x-job-lease': EXAMPLE_TOKEN },
    archive: anotherVersion,
  },
  job_has_version: {
    serve: () => withJobs({ id: EXAMPLE_ID, state: 'running', token: EXAMPLE_TOKEN, version: '1' }),
    headers: { 'x-job-lease': EXAMPLE_TOKEN },
    archive: anotherVersion,
  },
  baseline_not_found: {
    serve: () => {
      const copy = copyTo(temporaryFolder());
      rmSync(join(copy.folder, 'baseline.json'));
      copy.seal();
      return createTestApp({ ARTIFACTS_DIR: copy.root });
    },
  },
  gate_not_found: { serve: () => createTestApp() },
  gate_not_passed: {
    serve: async () => {
      const app = await createTestApp({ ARTIFACTS_DIR: await promoted() });
      const { digest } = app.app.get(ModelRegistry).champion(MODEL);
      const champion = { version: '2', sha256: digest };
      const gate = {
        model: MODEL,
        version: '1',
        sha256: digest,
        champion: '2',
        champion_sha256: digest,
        verdict: 'failed',
        report: JSON.stringify({ ...FAILED_GATE, candidate: { version: '1', sha256: digest }, champion }),
        job: EXAMPLE_JOB,
        created: 0,
      };
      await app.app.get(StateDatabase).run('putGate', { gate });
      return app;
    },
  },
  report_refused: {
    serve: () => withJobs({ id: EXAMPLE_JOB, state: 'running', token: EXAMPLE_TOKEN, version: '2' }),
  },
  idempotency_mismatch: { serve: () => withJobs({ id: EXAMPLE_JOB, key: EXAMPLE_KEY }) },
  queue_full: { serve: () => withJobs(...Array.from({ length: 1_000 }, () => ({}))) },
  waiters_busy: {
    serve: async () => {
      const app = await withJobs({ id: EXAMPLE_JOB });
      for (let waiting = 0; waiting < 100; waiting++) {
        void app.post('/runners/claim', { runner: 'a', models: { nobody: NO_ARGUMENTS } });
        void app.get(`/jobs/${EXAMPLE_JOB}/events`);
      }
      await after(500);
      return app;
    },
  },
  prediction_gone: {
    serve: async () => {
      const PREDICTION_LOG_DIR = temporaryFolder();
      const date = new Date(timeOfId(EXAMPLE_PREDICTION)!).toISOString().slice(0, 10);
      notePrunedDay(PREDICTION_LOG_DIR, { model: MODEL, date, files: [], bytes: 1 });
      return createTestApp({ PREDICTION_LOG_DIR });
    },
  },
  search_busy: {
    serve: async () => {
      const app = await createTestApp();
      for (let calls = 0; calls < 20; calls++)
        void app.app.get(RecordFinder).enter(() => new Promise(() => {}));
      return app;
    },
  },
  state_unavailable: {
    serve: () => createTestApp({ STATE_DIR: '/proc/nestor' }),
    headers: { 'x-job-lease': EXAMPLE_TOKEN },
    archive: anotherVersion,
  },
};

/** A server whose model is locked by a process that lives and does not give the lock back. */
async function locked(root: string): Promise<TestApp> {
  const app = await createTestApp({ ARTIFACTS_DIR: root });
  writeFileSync(join(root, MODEL, '.aliases.lock'), JSON.stringify(newOwner()));
  return app;
}

/** Sends half of an archive, and leaves the server waiting for the other half. */
function halfSent(app: TestApp, tar: Buffer): ClientRequest {
  const { port } = app.app.getHttpServer().address() as { port: number };
  const sending = request(`http://127.0.0.1:${port}/models/${MODEL}/versions`, {
    method: 'POST',
    headers: { ...TAR, 'content-length': tar.length },
  }).on('error', () => undefined);
  sending.write(tar.subarray(0, tar.length / 2));
  return sending;
}

/** A server whose state database has these jobs of the model. */
async function withJobs(...jobs: readonly Partial<StoredJob>[]): Promise<TestApp> {
  const app = await createTestApp({ ARTIFACTS_DIR: copyTo(temporaryFolder()).root });
  const state = app.app.get(StateDatabase);
  const left = jobs.map((job) => waitingJob({ model: MODEL, ...job }));
  // A busy machine may not have done a thousand at once in the time that each is given.
  while (left.length > 0)
    await Promise.all(left.splice(0, 50).map((job) => state.run('addJob', { job, most: 1_000 })));
  return app;
}

function empty(): Promise<TestApp> {
  return createTestApp({ ARTIFACTS_DIR: temporaryFolder() });
}

const models = (): string[] =>
  readdirSync(ARTIFACTS, { withFileTypes: true })
    .filter((each) => each.isDirectory())
    .map(({ name }) => name);

function firstInput(): object {
  const samples = new ArtifactCopy(ARTIFACTS, MODEL, '1').read('samples.json').toString();
  const [{ input }] = (JSON.parse(samples) as { samples: [{ input: object }] }).samples;
  return input;
}

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

/** The same on a disk of its own. */
async function promotedOnDisk(): Promise<string> {
  const root = smallDisk('8m');
  cpSync(await promoted(), root, { recursive: true });
  return root;
}
