import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { digestOfFolder } from '../../src/artifacts/content-digest.js';
import { copyTurnover } from '../support/artifacts.js';
import { nestor } from '../support/nestor.js';
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
      /^turnover\/1 was copied to \S+ \(sha256 [0-9a-f]{64}\)\nturnover\/1 is the champion/,
    );
    const { aliases } = (await (await fetch(`${to.url}/models/turnover`)).json()) as { aliases: object };
    expect(aliases).toEqual({ champion: '1', previous: '2' });
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
