import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { FolderLock } from '../../src/files/folder-lock.js';
import { ArtifactCopy, copyTurnover, sha256 } from '../support/artifacts.js';
import { createTestApp, type TestApp } from '../support/create-app.js';
import { aliasesIn, linesIn } from '../support/model-folder.js';
import { push, TAR, tarOfFolder, tree } from '../support/pushed.js';
import { problem } from '../support/shapes.js';
import { entryOf, END_MARK } from '../support/tar.js';
import { temporaryFolder } from '../support/temporary-folder.js';

/** A server of turnover/1, its champion by the file or because it is the highest. */
async function serving({ byFile = true } = {}): Promise<{ app: TestApp; root: string; model: string }> {
  const { root } = copyTurnover();
  const model = join(root, 'turnover');
  const app = await createTestApp({ ARTIFACTS_DIR: root });
  if (byFile) await app.send('PUT', '/models/turnover/aliases/champion', '{"version":"1"}', CHAMPION);
  return { app, root, model };
}
/** As `serving`, until the running test is over. */
async function servingOnce(...options: Parameters<typeof serving>): ReturnType<typeof serving> {
  const served = await serving(...options);
  onTestFinished(() => served.app.close());
  return served;
}

const CHAMPION = { 'if-match': '*', 'content-type': 'application/json' };
const HEX = expect.stringMatching(/^[0-9a-f]{64}$/) as string;
const ready = (model: string, version: string): object => ({
  model,
  version,
  state: 'ready',
  sha256: HEX,
  content_sha256: HEX,
  runs_in: 'server',
});
const versionOf = async (app: TestApp, model = 'turnover'): Promise<unknown> =>
  ((await app.get(`/models/${model}`)).body as { version: string }).version;

describe('a version that is pushed', () => {
  it('is there and ready, and the champion stays', async () => {
    const { app, model } = await servingOnce();
    const before = readFileSync(join(model, 'aliases.json'), 'utf8');
    const reply = await push(app, 'turnover', await tarOfFolder(copyTurnover({ version: '2' }).folder));

    expect(reply).toMatchObject({ status: 201, headers: { location: 'versions/2' } });
    expect(reply.body).toEqual(ready('turnover', '2'));
    expect(await versionOf(app)).toBe('1');
    expect(readFileSync(join(model, 'aliases.json'), 'utf8')).toBe(before);
    const details = (await app.get('/models/turnover/versions/2')).body as { manifest: object };
    expect(details).toEqual({ ...ready('turnover', '2'), manifest: details.manifest });
    expect(details.manifest).toMatchObject({ model: 'turnover', version: '2' });
  });

  it('may be gzipped, have its files in any order and under one folder, and is the same again', async () => {
    const { app } = await servingOnce();
    const copy = copyTurnover({ version: '2' });
    await push(app, 'turnover', await tarOfFolder(copy.folder));
    const files = ['SHA256SUMS', ...copy.files()].toReversed();
    const tar = Buffer.concat([
      ...files.map((name) => entryOf({ name: `any/${name}`, body: copy.read(name) })),
      END_MARK,
    ]);
    const reply = await app.send('POST', '/models/turnover/versions', gzipSync(tar), {
      'content-type': 'application/gzip',
    });

    expect(reply).toMatchObject({ status: 200, headers: { location: 'versions/2' } });
    expect(reply.body).toEqual(ready('turnover', '2'));
  });

  it('makes a new model, whose champion it is', async () => {
    const { app, root } = await servingOnce();
    const reply = await push(
      app,
      'churn',
      await tarOfFolder(copyTurnover({ name: 'churn', version: '7' }).folder),
    );

    expect(reply).toMatchObject({ status: 201, body: ready('churn', '7') });
    expect(await versionOf(app, 'churn')).toBe('7');
    expect(aliasesIn(join(root, 'churn'))).toEqual({ champion: '7' });
    expect(linesIn(join(root, 'churn'))).toEqual([
      {
        time: expect.any(String) as string,
        alias: 'champion',
        from: null,
        to: '7',
        who: null,
        reason: 'first version',
        gate: null,
      },
    ]);
    expect((await app.get('/models/churn')).headers['etag']).toBe('"1"');
  });

  it('is no champion by being the highest: who answers without a file is written down first', async () => {
    const { app, model } = await servingOnce({ byFile: false });
    const reply = await push(app, 'turnover', await tarOfFolder(copyTurnover({ version: '2' }).folder));

    expect(reply.status).toBe(201);
    expect(aliasesIn(model)).toEqual({ champion: '1' });
    expect(linesIn(model)).toMatchObject([
      { from: null, to: '1', reason: 'answered without an aliases.json' },
    ]);
    expect(await versionOf(app)).toBe('1');
  });

  it('nor where another process writes that down at the same moment', async () => {
    const { app, model } = await servingOnce({ byFile: false });
    const lock = await FolderLock.acquire(model);
    const pushed = push(app, 'turnover', await tarOfFolder(copyTurnover({ version: '2' }).folder));
    const waits = (): boolean =>
      readdirSync(model).some((name) => name.startsWith('.aliases.') && name !== '.aliases.lock');
    while (!waits()) await after(5);
    const line = { time: '2026-01-01T00:00:00.000Z', alias: 'champion', from: null, to: '1', who: null };
    writeFileSync(
      join(model, 'history.ndjson'),
      `${JSON.stringify({ ...line, reason: null, gate: null })}\n`,
    );
    writeFileSync(join(model, 'aliases.json'), '{"champion":"1"}');
    await lock.release();

    expect((await pushed).status).toBe(201);
    expect(aliasesIn(model)).toEqual({ champion: '1' });
    expect(linesIn(model)).toHaveLength(1);
  });

  it('is no champion where there is none on purpose', async () => {
    const { app } = await servingOnce();
    await app.send('DELETE', '/models/turnover/aliases/champion', undefined, { 'if-match': '*' });
    await push(app, 'turnover', await tarOfFolder(copyTurnover({ version: '2' }).folder));

    expect((await app.get('/models/turnover')).body).toMatchObject({ aliases: {}, version: '' });
  });

  it('that was put there by an upload which did not end its work is made champion by the next one', async () => {
    const { app, root } = await servingOnce();
    const { folder } = copyTurnover({ name: 'churn', version: '1' });
    await push(app, 'churn', await tarOfFolder(folder));
    // As a kill leaves it between the rename and the file.
    rmSync(join(root, 'churn', 'aliases.json'));
    rmSync(join(root, 'churn', 'history.ndjson'));
    const again = await push(app, 'churn', await tarOfFolder(folder));

    expect(again.status).toBe(200);
    expect(aliasesIn(join(root, 'churn'))).toEqual({ champion: '1' });
  });
});

describe('a version that is refused leaves nothing behind', () => {
  const refusing = serving();
  const tars = {
    'other files under a number that is taken': async () => {
      const copy = copyTurnover();
      copy.write('card.md', 'another card');
      return tarOfFolder(copy.seal().folder);
    },
    'a file that is not what its digest says': async () => {
      const copy = copyTurnover({ version: '2' });
      copy.damage('model.onnx');
      return tarOfFolder(copy.folder);
    },
    'another model': async () => tarOfFolder(copyTurnover({ name: 'churn', version: '2' }).folder),
    "an answer that is not the estimator's": async () =>
      tarOfFolder(copyTurnover({ version: '2' }).editSamples((all) => (all[0]!['label'] = 7)).folder),
    'no manifest': async () => {
      const copy = copyTurnover({ version: '2' });
      rmSync(join(copy.folder, 'manifest.json'));
      return tarOfFolder(copy.seal().folder);
    },
    'no tar at all': () => Promise.resolve(Buffer.alloc(2_000, 'x')),
    'no byte': () => Promise.resolve(Buffer.of()),
  };

  it.each([
    [
      'other files under a number that is taken',
      409,
      'version_taken',
      /^turnover\/1 is there already with other files/,
    ],
    [
      'a file that is not what its digest says',
      422,
      'version_refused',
      /cannot be served: model\.onnx has changed: /,
    ],
    [
      'another model',
      422,
      'version_refused',
      'the archive cannot be served: it is of model "churn", not of "turnover"',
    ],
    [
      "an answer that is not the estimator's",
      422,
      'version_refused',
      /samples\.json: sample 1: the estimator says 7/,
    ],
    ['no manifest', 422, 'version_refused', /manifest\.json/],
    ['no tar at all', 422, 'invalid_archive', /./],
    ['no byte', 422, 'invalid_archive', /./],
  ] as const)('%s: %i %s', async (what, status, code, detail) => {
    const { app, root } = await refusing;
    const before = tree(root);
    const reply = await push(app, 'turnover', await tars[what]());

    expect(reply.status).toBe(status);
    expect(reply.body).toEqual(
      problem(code, status, {
        detail: typeof detail === 'string' ? detail : (expect.stringMatching(detail) as string),
      }),
    );
    expect(tree(root)).toEqual(before);
    expect(await versionOf(app)).toBe('1');
  });

  it('a number that was deleted', async () => {
    const { app, root } = await servingOnce();
    const tar = await tarOfFolder(copyTurnover({ version: '2' }).folder);
    await push(app, 'turnover', tar);
    await app.send('DELETE', '/models/turnover/versions/2');
    const before = tree(root);
    const reply = await push(app, 'turnover', tar);

    expect(reply.body).toEqual(
      problem('version_taken', 409, {
        detail: 'turnover/2 was deleted, and its number stays taken; export it under a new number',
      }),
    );
    expect(tree(root)).toEqual(before);
  });
});

describe('an upload is refused before its body is read', () => {
  const app = createTestApp({ ARTIFACTS_DIR: temporaryFolder(), MAX_ARTIFACT_BYTES: '65536' });

  it('for another media type, with the mend', async () => {
    const reply = await (
      await app
    ).send('POST', '/models/m/versions', '{"', { 'content-type': 'application/json' });

    expect(reply.body).toEqual(
      problem('unsupported_media_type', 415, {
        detail:
          'the Content-Type "application/json" is not taken here; ' +
          "send a tar of the version's folder with the header Content-Type: application/x-tar",
      }),
    );
  });

  it('for its length', async () => {
    const reply = await push(await app, 'm', Buffer.alloc(65_537));

    expect(reply.body).toEqual(
      problem('archive_too_large', 413, { detail: expect.stringContaining('MAX_ARTIFACT_BYTES') as string }),
    );
  });

  it.each(['M', '.m', '..%2Fm', 'a'.repeat(64)])('for a name that no model can have: %s', async (name) => {
    const reply = await push(await app, name, Buffer.of());

    expect(reply.body).toEqual(problem('bad_request', 400));
  });

  it('and a tar is no body for any other route', async () => {
    const { app } = await servingOnce();
    const reply = await app.send('POST', '/predict', Buffer.alloc(10), TAR);

    expect(reply.body).toEqual(
      problem('unsupported_media_type', 415, {
        detail:
          'the Content-Type "application/x-tar" is not taken here; ' +
          'send the body as JSON with the header Content-Type: application/json',
      }),
    );
  });
});

it('what was pushed has the bytes that were sent', async () => {
  const { app, root } = await serving();
  const copy = copyTurnover({ version: '2' });
  await push(app, 'turnover', await tarOfFolder(copy.folder));
  const there = new ArtifactCopy(root, 'turnover', '2');

  expect(there.files()).toEqual(copy.files());
  for (const name of copy.files()) expect(sha256(there.read(name)), name).toBe(sha256(copy.read(name)));
});
