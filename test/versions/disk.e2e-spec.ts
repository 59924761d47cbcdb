import { spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { copyTurnover } from '../support/artifacts.js';
import { createTestApp } from '../support/create-app.js';
import { push, tarOfFolder, tree } from '../support/pushed.js';
import { problem } from '../support/shapes.js';
import { MAY_MOUNT, smallDisk, takeSpace } from '../support/tmpfs.js';

const CHANGES = [
  ['PUT', '/models/turnover/aliases/champion', '{"version":"1"}'],
  ['DELETE', '/models/turnover/aliases/champion', undefined],
  ['DELETE', '/models/turnover/versions/1', undefined],
] as const;
const ANY = { 'if-match': '*' };
const JSON_TYPE = { 'content-type': 'application/json' };

/** Two versions on a disk of 8 MB. */
function onDisk(): string {
  const root = smallDisk('8m');
  const copy = copyTurnover();
  copyTurnover({ root: copy.root, version: '2' });
  cpSync(copy.root, root, { recursive: true });
  return root;
}

describe.skipIf(!MAY_MOUNT)('a folder of models that', () => {
  it('cannot be written is served, and every change is 409', async () => {
    const root = onDisk();
    spawnSync('mount', ['-o', 'remount,ro', root]);
    const app = await createTestApp({ ARTIFACTS_DIR: root });
    const before = tree(root);
    const answer = problem('read_only_models', 409, {
      detail: expect.stringContaining('let the server write to ARTIFACTS_DIR') as string,
    });

    for (const [method, url, body] of CHANGES)
      expect(
        (await app.send(method, url, body, { ...ANY, ...(body !== undefined && JSON_TYPE) })).body,
      ).toEqual(answer);
    expect(
      (await push(app, 'turnover', await tarOfFolder(copyTurnover({ version: '3' }).folder))).body,
    ).toEqual(answer);
    expect(tree(root)).toEqual(before);
    expect((await app.get('/models/turnover')).body).toMatchObject({ version: '2' });
  });

  it('is on a full disk takes no version, leaves nothing of it, and takes it when there is room', async () => {
    const root = onDisk();
    const app = await createTestApp({ ARTIFACTS_DIR: root });
    const tar = await tarOfFolder(copyTurnover({ version: '3' }).folder);
    const giveBack = takeSpace(root);
    const before = tree(root);

    expect((await push(app, 'turnover', tar)).body).toEqual(problem('no_space', 507));
    expect(tree(root)).toEqual(before);
    giveBack();
    expect((await push(app, 'turnover', tar)).status).toBe(201);
  });
});
