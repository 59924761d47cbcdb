import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestOfFolder } from '../../src/artifacts/content-digest.js';
import { copyTurnover, sha256 } from '../support/artifacts.js';
import { nestor } from '../support/nestor.js';
import { TAR, tarOfFolder } from '../support/pushed.js';
import { type Server, startServer } from '../support/server.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const copy = copyTurnover({ version: '2' });
const digest = await digestOfFolder(copy.folder);
const [from, to] = await Promise.all([
  startServer({ ARTIFACTS_DIR: copyTurnover().root }),
  startServer({ ARTIFACTS_DIR: temporaryFolder() }),
]);
const name = (server: Server): string => new URL(server.url).host;

describe('nestor', () => {
  it('push, pull and push elsewhere: the same files everywhere', async () => {
    const pulled = join(temporaryFolder(), 'new', 'folder');

    expect(await nestor('push', copy.folder, '--to', from.url)).toEqual({
      code: 0,
      stdout: `turnover/2 is ready on ${name(from)}\n`,
      stderr: '',
    });
    expect(await nestor('pull', 'turnover', '--from', from.url, '--version', '2', '--to', pulled)).toEqual({
      code: 0,
      stdout: `turnover/2 of ${name(from)} is in ${pulled} (sha256 ${digest})\n`,
      stderr: '',
    });
    expect(await digestOfFolder(pulled)).toBe(digest);
    expect(await nestor('push', pulled, '--to', to.url)).toEqual({
      code: 0,
      stdout: `turnover/2 is ready on ${name(to)}\nit is the champion\n`,
      stderr: '',
    });
    for (const { url } of [from, to]) {
      const reply = await fetch(`${url}/models/turnover/versions/2/artifact`);
      expect(reply.headers.get('etag')).toBe(`"${digest}"`);
    }
  });

  it('promote copies the champion, and makes it champion', async () => {
    const promoted = await nestor('promote', 'turnover', '--from', from.url, '--to', to.url);

    expect(promoted).toMatchObject({ code: 0, stderr: '' });
    expect(promoted.stdout).toMatch(
      /^turnover\/1 has no report of a gate on \S+\nturnover\/1 was copied to \S+ \(sha256 [0-9a-f]{64}\)\nturnover\/1 is the champion/,
    );
    const { aliases } = (await (await fetch(`${to.url}/models/turnover`)).json()) as { aliases: object };
    expect(aliases).toEqual({ champion: '1', previous: '2' });
  });

  it('promote shows what the gate has found, and goes on from a refusal only by force with a reason', async () => {
    const job = (await (await from.post('/models/turnover/train', {})).json()) as { id: string };
    const models = { turnover: { type: 'object', properties: {}, additionalProperties: false } };
    const claimed = await (await from.post('/runners/claim', { runner: 'r', models })).json();
    const { token } = (claimed as { lease: { token: string } }).lease;
    const copy = copyTurnover({ version: '3' });
    const push = await fetch(`${from.url}/models/turnover/versions`, {
      method: 'POST',
      headers: { ...TAR, 'x-job-lease': token },
      body: new Uint8Array(await tarOfFolder(copy.folder)),
    });
    expect(push.status).toBe(201);
    const sha = sha256(copy.read('model.onnx'));
    const champion = { version: '1', sha256: sha };
    const gate = {
      candidate: { version: '3', sha256: sha },
      champion,
      verdict: 'failed',
      metric: { name: 'accuracy', candidate: 0.9, champion: 0.93, gain: -0.03, low: -0.04, no_gain: 1 },
      holdout: { of: 'champion', rows: 2_399 },
      checks: [
        { name: 'primary_metric', figure: -0.04, limit: -0.005, passed: false, reason: 'it answers worse' },
      ],
      pictures: {},
    };
    const end = await from.post(`/jobs/${job.id}/result`, { token, state: 'done', version: '3', gate });
    expect(end.status).toBe(200);
    const command = ['promote', 'turnover', '--version', '3', '--from', from.url, '--to', to.url];
    const { host } = new URL(from.url);
    const found = `turnover/3 beside turnover/1 on ${host}: failed, accuracy −0.0300, at least −0.0400\n  primary metric: it answers worse\n`;

    expect(await nestor(...command)).toEqual({
      code: 1,
      stdout: found,
      stderr:
        'nestor: the gate was not passed; nothing was promoted. --force --reason "…" promotes it all the same\n',
    });
    expect(await nestor(...command, '--force')).toMatchObject({ code: 2, stdout: '' });
    const forced = await nestor(...command, '--force', '--reason', 'the law has changed');
    expect(forced).toMatchObject({ code: 0, stderr: '' });
    expect(forced.stdout).toContain(`${found}turnover/3 was copied to`);
    const { history } = (await (await fetch(`${to.url}/models/turnover/history`)).json()) as {
      history: object[];
    };
    expect(history[0]).toMatchObject({ to: '3', reason: 'the law has changed' });
  });

  it('says why a server refuses, and leaves no folder', async () => {
    const other = copyTurnover({ version: '2' });
    other.write('card.md', 'another');
    const pulled = join(temporaryFolder(), 'folder');

    expect(await nestor('push', other.seal().folder, '--to', from.url)).toEqual({
      code: 1,
      stdout: '',
      stderr: `nestor: ${name(from)} refuses (409 version_taken): turnover/2 is there already with other files; export it under a new number\n`,
    });
    const missing = await nestor('pull', 'turnover', '--from', from.url, '--version', '9', '--to', pulled);
    expect(missing).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('404 version_not_found') as string,
    });
    expect(existsSync(pulled)).toBe(false);
  });

  it('work with a key of the right scope where a server asks for one, and with none that is revoked', async () => {
    const folder = temporaryFolder();
    const keys = join(folder, 'keys.json');
    const key = async (scopes: string): Promise<string> => {
      const made = await nestor('key', 'create', '--name', scopes, '--scopes', scopes, '--file', keys);
      expect(made.stdout).toMatch(/^nst_[a-z0-9]{8}_[\w-]{43}\n$/);
      const file = join(folder, scopes);
      writeFileSync(file, made.stdout);
      return file;
    };
    const [admin, predict] = [await key('admin,predict'), await key('predict')];
    const settings = { APP_STAGE: 'production', API_KEYS_FILE: keys, ARTIFACTS_DIR: temporaryFolder() };
    const server = await startServer({ ...settings, DOCS_ENABLED: '' });
    expect(server.stdout).toContain(`whoever has a key of ${keys}, which nestor key create makes`);
    const push = ['push', copy.folder, '--to', server.url];

    expect(await nestor(...push)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('(401 unauthenticated): this needs a key') as string,
    });
    expect(await nestor(...push, '--key-file', predict)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('(403 forbidden): this needs the scope admin') as string,
    });
    expect(await nestor(...push, '--key-file', admin)).toMatchObject({ code: 0, stderr: '' });
    const promote = ['promote', 'turnover', '--from', from.url, '--to', server.url, '--version', '1'];
    expect(await nestor(...promote, '--to-key-file', admin)).toMatchObject({ code: 0, stderr: '' });

    const id = readFileSync(admin, 'utf8').split('_')[1]!;
    expect(await nestor('key', 'revoke', id, '--file', keys)).toMatchObject({ code: 0 });
    await expect
      .poll(async () => (await nestor(...push, '--key-file', admin)).stderr, { timeout: 5_000 })
      .toContain('this key is not known, or no longer');
  });

  it.each([
    [
      'no server there',
      ['push', copy.folder, '--to', 'http://127.0.0.1:9'],
      1,
      /^nestor: 127\.0\.0\.1:9 cannot be reached: /,
    ],
    [
      'no address',
      ['push', copy.folder, '--to', 'there'],
      2,
      /^nestor: "there" is no address of a server; give one such as /,
    ],
    [
      'no version folder',
      ['push', copy.root, '--to', from.url],
      2,
      /is no version folder: manifest\.json cannot be read/,
    ],
    ['an option missing', ['push', copy.folder], 2, /is not a command, or lacks an option\n\nUsage: nestor/],
    [
      'a folder that is there',
      ['pull', 'm', '--from', from.url, '--version', '1', '--to', copy.root],
      2,
      /is there already/,
    ],
  ])('says what is wrong: %s', async (_, parameters, code, stderr) => {
    expect(await nestor(...parameters)).toEqual({
      code,
      stdout: '',
      stderr: expect.stringMatching(stderr) as string,
    });
  });
});
