import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { EXAMPLE_JOB, EXAMPLE_TOKEN } from '../../src/doors/training/example-job.js';
import { ModelRegistry } from '../../src/models/model-registry.js';
import { StateDatabase } from '../../src/state/state-database.js';
import { ArtifactCopy, ARTIFACTS } from '../support/artifacts.js';
import { createTestApp, type Answer } from '../support/create-app.js';
import { apart, exampleOf, readDocument, requestOf } from '../support/documented.js';
import { TAR, tarOfFolder } from '../support/pushed.js';
import { temporaryFolder } from '../support/temporary-folder.js';

/** The model that routes for every model are shown with: the first in order of name. */
const MODEL = 'diabetes';
/** Of a job and its lease: another each time. */
const OWN = ['id', 'uuid', 'token', 'expires', 'date', 'created', 'started', 'finished'];

const root = temporaryFolder();
cpSync(join(ARTIFACTS, MODEL), join(root, MODEL), { recursive: true });
const app = await createTestApp({ ARTIFACTS_DIR: root });
const document = await readDocument(app);
const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });

const UUID = EXAMPLE_JOB.replaceAll('-', '');

/** Stand for the example's own job and lease. */
const own = { job: '', token: '' };

/** Makes the example's call, of the job and the lease that there are. */
async function call(method: string, path: string): Promise<Answer> {
  const { url, headers, payload } = requestOf(path, document.paths[path]![method]!);
  const ours = (text: string): string =>
    text
      .replaceAll(EXAMPLE_JOB, own.job)
      .replaceAll(UUID, own.job.replaceAll('-', ''))
      .replaceAll(EXAMPLE_TOKEN, own.token);
  return app.send(method.toUpperCase(), ours(url), payload && ours(payload), headers);
}

function expectExample(reply: Answer, method: string, path: string, status = 200): void {
  expect(reply.status, reply.text).toBe(status);
  const media = document.paths[path]![method]!.responses[status]!.content?.['application/json'];
  expect(without(reply.body)).toEqual(without(exampleOf(media)));
  const isValid = ajv.validate(media!.schema!, reply.body);
  expect(isValid, ajv.errorsText()).toBe(true);
}

/** What stands in a field of `OWN` stays as whether it is there. */
function without(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(without);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).map(([key, each]) => [
    key,
    OWN.includes(key) && each !== null ? typeof each : without(each),
  ]);
  return apart(Object.fromEntries(fields));
}

it('the examples of a training are answered as documented, one after another', async () => {
  const train = '/models/{model}/train';
  const asked = await call('post', train);
  own.job = (asked.body as { id: string }).id;
  expectExample(asked, 'post', train, 202);
  expectExample(await call('post', train), 'post', train);
  expectExample(await call('get', '/jobs'), 'get', '/jobs');
  expectExample(await call('get', '/jobs/{id}'), 'get', '/jobs/{id}');
  const claimed = await call('post', '/runners/claim');
  own.token = (claimed.body as { lease: { token: string } }).lease.token;
  expectExample(claimed, 'post', '/runners/claim');
  expectExample(await call('post', '/jobs/{id}/heartbeat'), 'post', '/jobs/{id}/heartbeat');
  const copy = new ArtifactCopy(temporaryFolder(), MODEL, '2');
  cpSync(join(ARTIFACTS, MODEL, '1'), copy.folder, { recursive: true });
  const tar = await tarOfFolder(copy.editManifest((manifest) => (manifest.version = '2')).folder);
  const push = await app.send('POST', `/models/${MODEL}/versions`, tar, { ...TAR, 'x-job-lease': own.token });
  expect(push.status, push.text).toBe(201);
  expectExample(await call('post', '/jobs/{id}/result'), 'post', '/jobs/{id}/result');
  expect((await call('get', '/jobs/{id}/events')).text).toMatch(/^data: \{"id":.*"state":"done".*\}\n\n$/);
  const { digest } = app.app.get(ModelRegistry).champion(MODEL);
  const gate = '/models/{model}/versions/{version}/gate';
  const report = exampleOf(document.paths[gate]!['get']!.responses['200']!.content!['application/json']);
  await app.app.get(StateDatabase).run('putGate', {
    gate: {
      model: MODEL,
      version: '1',
      sha256: digest,
      champion: '2',
      champion_sha256: digest,
      verdict: 'needs_approval',
      report: JSON.stringify(report),
      job: EXAMPLE_JOB,
      created: 0,
    },
  });
  expectExample(await call('get', gate), 'get', gate);
  own.job = (
    (await app.post(`/models/${MODEL}/train`, { arguments: { trees: 200 } })).body as { id: string }
  ).id;
  expectExample(await call('delete', '/jobs/{id}'), 'delete', '/jobs/{id}');
});

it('so are those of the DEEPaaS API', async () => {
  const [ofModel, one] = ['/v2/models/{name}/train/', '/v2/models/{name}/train/{uuid}'];
  const before = ((await call('get', ofModel)).body as unknown[]).length;
  const asked = await call('post', ofModel);
  own.job = (asked.body as { uuid: string }).uuid.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  expectExample(asked, 'post', ofModel);
  const all = await call('get', ofModel);
  expectExample({ ...all, body: (all.body as unknown[]).slice(before) }, 'get', ofModel);
  expectExample(await call('get', one), 'get', one);
  expectExample(await call('delete', one), 'delete', one);
});
