import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ARTIFACTS, ArtifactCopy } from '../support/artifacts.js';
import { createTestApp, type Answer, type TestApp } from '../support/create-app.js';
import { apart, exampleOf, readDocument, requestOf } from '../support/documented.js';
import { TAR, tarOfFolder } from '../support/pushed.js';
import { temporaryFolder } from '../support/temporary-folder.js';

/** The model that routes for every model are shown with: the first in order of name. */
const MODEL = 'diabetes';

const document = await readDocument(await createTestApp());

/** A server of that model alone, with as many versions of it. */
async function serve(...versions: readonly string[]): Promise<{ app: TestApp; root: string }> {
  const root = temporaryFolder();
  for (const version of versions) copyVersion(root, version);
  if (versions.length > 0) writeFileSync(join(root, MODEL, 'aliases.json'), '{"champion":"1"}');
  return { app: await createTestApp({ ARTIFACTS_DIR: root }), root };
}

function copyVersion(root: string, version: string): ArtifactCopy {
  const copy = new ArtifactCopy(root, MODEL, version);
  cpSync(join(ARTIFACTS, MODEL, '1'), copy.folder, { recursive: true });
  return version === '1' ? copy : copy.editManifest((manifest) => (manifest.version = version));
}

async function call(app: TestApp, method: string, path: string, change?: object): Promise<Answer> {
  const { url, headers, payload } = requestOf(path, document.paths[path]![method]!);
  return app.send(method.toUpperCase(), url, change ? JSON.stringify(change) : payload, headers);
}

function expectExample(reply: Answer, method: string, path: string, status = 200): void {
  const { responses } = document.paths[path]![method]!;
  expect(reply.status, reply.text).toBe(status);
  const { content } = responses[status]!;
  expect(apart(reply.body)).toEqual(apart(exampleOf(content?.['application/json'])));
}

describe('the example of a change', () => {
  const alias = '/models/{model}/aliases/{alias}';
  const publish = '/models/{model}/versions';

  it('lets an alias name a version, and stands in the history', async () => {
    const { app } = await serve('1');

    expectExample(await call(app, 'put', alias), 'put', alias);
    expectExample(await call(app, 'get', '/models/{model}/history'), 'get', '/models/{model}/history');
  });

  it('takes an alias away', async () => {
    const { app } = await serve('1');

    expectExample(await call(app, 'delete', alias), 'delete', alias);
  });

  it('rolls back', async () => {
    const { app } = await serve('1', '2');
    await call(app, 'put', alias, { version: '2' });
    const path = '/models/{model}/rollback';

    expectExample(await call(app, 'post', path), 'post', path);
  });

  it('publishes a version, and finds it there the second time', async () => {
    const { app } = await serve();
    const body = await tarOfFolder(copyVersion(temporaryFolder(), '1').folder);
    const push = (): Promise<Answer> => app.send('POST', `/models/${MODEL}/versions`, body, TAR);

    expectExample(await push(), 'post', publish, 201);
    expectExample(await push(), 'post', publish);
  });

  it('deletes a version', async () => {
    const { app } = await serve('1', '2');
    await call(app, 'put', alias, { version: '2' });
    await app.send('DELETE', `/models/${MODEL}/aliases/previous`, undefined, { 'if-match': '*' });

    expect(await call(app, 'delete', `${publish}/{version}`)).toMatchObject({ status: 204, text: '' });
  });
});

describe('the example of a health reply that is no 200', () => {
  it.each(['/health/ready', '/health'])('%s of a server whose models are all refused', async (path) => {
    const root = temporaryFolder();
    cpSync(ARTIFACTS, root, { recursive: true });
    const { models } = (await (await createTestApp()).get('/models')).body as { models: { name: string }[] };
    for (const { name } of models) new ArtifactCopy(root, name, '1').damage('model.onnx');
    const app = await createTestApp({ ARTIFACTS_DIR: root });

    expectExample(await app.get(path), 'get', path, 503);
  });
});
