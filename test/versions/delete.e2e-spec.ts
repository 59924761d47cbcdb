import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { copyTurnover, sha256 } from '../support/artifacts.js';
import { createTestApp, type TestApp } from '../support/create-app.js';
import { linesIn } from '../support/model-folder.js';
import { problem } from '../support/shapes.js';

/** A server of three versions, of which the third answers without a file that says so. */
async function serving(): Promise<{ app: TestApp; model: string; digest: string }> {
  const copy = copyTurnover();
  for (const version of ['2', '3']) copyTurnover({ root: copy.root, version });
  const app = await createTestApp({ ARTIFACTS_DIR: copy.root });
  return { app, model: join(copy.root, 'turnover'), digest: sha256(copy.read('model.onnx')) };
}

describe('a version that is deleted', () => {
  it.each([
    ['loaded', '2'],
    ['on disk alone', '1'],
  ])('is gone, and the history keeps number and digest: %s', async (_, version) => {
    const { app, model, digest } = await serving();
    const reply = await app.send('DELETE', `/models/turnover/versions/${version}`);

    expect(reply).toMatchObject({ status: 204, text: '' });
    expect(readdirSync(model)).not.toContain(version);
    expect(linesIn(model)).toEqual([
      { time: expect.any(String) as string, deleted: version, sha256: digest, who: null, reason: null },
    ]);
    expect((await app.send('DELETE', `/models/turnover/versions/${version}`)).body).toEqual(
      problem('version_not_found', 404),
    );
    expect((await app.get('/models/turnover')).body).toMatchObject({ version: '3' });
  });

  it('may be one that was noted before its process was killed', async () => {
    const { app, model } = await serving();
    await app.send('DELETE', '/models/turnover/versions/1');
    copyTurnover({ root: join(model, '..'), version: '1' });
    const again = await app.send('DELETE', '/models/turnover/versions/1');

    expect(again.status).toBe(204);
    expect(linesIn(model)).toHaveLength(1);
    expect(readdirSync(model)).not.toContain('1');
  });

  it.each([
    ['it answers without a file that says so', '3', undefined, 'champion'],
    ['it is the champion', '2', '2', 'champion'],
    ['an alias names it', '3', '2', 'previous'],
  ])('is kept while %s: 409', async (_, version, champion, alias) => {
    const { app, model } = await serving();
    if (champion !== undefined) {
      await app.send('PUT', '/models/turnover/aliases/champion', JSON.stringify({ version: champion }), {
        'content-type': 'application/json',
        'if-match': '*',
      });
    }
    expect((await app.send('DELETE', `/models/turnover/versions/${version}`)).body).toEqual(
      problem('version_in_use', 409, {
        detail: `version "${version}" of model "turnover" is named by the alias "${alias}"; let it name another first, or take the alias away`,
      }),
    );
    expect(readdirSync(model)).toContain(version);
  });

  it('is kept where somebody was faster: 412', async () => {
    const { app } = await serving();
    const reply = await app.send('DELETE', '/models/turnover/versions/1', undefined, { 'if-match': '"7"' });

    expect(reply.body).toEqual(problem('revision_mismatch', 412));
  });
});
