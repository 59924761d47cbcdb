import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { copyTurnover } from '../support/artifacts.js';
import { tarOfFolder, TAR } from '../support/pushed.js';
import { type Server, startServer } from '../support/server.js';
import { problem } from '../support/shapes.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const tar = await tarOfFolder(copyTurnover({ version: '2' }).folder);
const uploads = (root: string): string[] =>
  existsSync(join(root, '.uploads')) ? readdirSync(join(root, '.uploads')) : [];
const push = (server: Server, body: Buffer): Promise<Response> =>
  fetch(`${server.url}/models/turnover/versions`, { method: 'POST', headers: TAR, body });
async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await setTimeout(20);
}

/** Sends half of an archive and waits until the server has begun with it. */
async function half(server: Server, root: string): Promise<ClientRequest> {
  const before = uploads(root).length;
  const sending = request(`${server.url}/models/turnover/versions`, {
    method: 'POST',
    headers: { ...TAR, 'content-length': tar.length },
  }).on('error', () => {});
  sending.write(tar.subarray(0, tar.length / 2));
  await until(() => uploads(root).length > before);
  return sending;
}

describe('uploads', () => {
  it('are two at a time; a third is told to come again, and has a place when one has ended', async () => {
    const { root } = copyTurnover();
    const server = await startServer({ ARTIFACTS_DIR: root });
    const [first, second] = [await half(server, root), await half(server, root)];
    const third = await push(server, tar);

    expect(third.headers.get('retry-after')).toBe('5');
    expect(await third.json()).toEqual(problem('uploads_busy', 503));
    second.destroy();
    await until(() => uploads(root).length === 1);
    first.end(tar.subarray(tar.length / 2));
    const [reply] = (await once(first, 'response')) as [IncomingMessage];
    expect(reply.statusCode).toBe(201);
    expect(await json(reply)).toMatchObject({ version: '2', state: 'ready' });
    expect(uploads(root)).toEqual([]);
  });

  it('of one number at one moment: one is taken, whose files are there', async () => {
    const { root } = copyTurnover();
    const server = await startServer({ ARTIFACTS_DIR: root });
    const other = copyTurnover({ version: '2' });
    other.write('card.md', 'another card');
    const replies = await Promise.all([
      push(server, tar),
      push(server, await tarOfFolder(other.seal().folder)),
    ]);

    expect(replies.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409]);
    expect(readdirSync(join(root, 'turnover')).toSorted()).toEqual([
      '1',
      '2',
      'aliases.json',
      'history.ndjson',
    ]);
    expect(uploads(root)).toEqual([]);
  });

  it('leave nothing when their client hangs up, nor after a kill and a start', async () => {
    const { root } = copyTurnover();
    const server = await startServer({ ARTIFACTS_DIR: root });
    (await half(server, root)).destroy();
    await until(() => uploads(root).length === 0);
    await half(server, root);
    await server.stop('SIGKILL');
    expect(uploads(root)).toHaveLength(1);

    const next = await startServer({ ARTIFACTS_DIR: root });
    expect(uploads(root)).toEqual([]);
    expect((await push(next, tar)).status).toBe(201);
  });

  it('end with their server', async () => {
    const { root } = copyTurnover();
    const server = await startServer({ ARTIFACTS_DIR: root });
    await half(server, root);
    expect(await server.stop()).toMatchObject({ code: 0 });
    expect(uploads(root)).toEqual([]);
  });
});

it('what one server takes, another on the same folder serves, and who is champion there', async () => {
  const { root } = copyTurnover();
  const [one, other] = await Promise.all([
    startServer({ ARTIFACTS_DIR: root, PREDICTION_LOG_DIR: temporaryFolder() }),
    startServer({ ARTIFACTS_DIR: root, PREDICTION_LOG_DIR: temporaryFolder() }),
  ]);
  await push(one, tar);
  const put = await fetch(`${one.url}/models/turnover/aliases/champion`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', 'if-match': '*' },
    body: '{"version":"2"}',
  });
  expect(await put.json()).toEqual({ aliases: { champion: '2', previous: '1' }, revision: 2 });

  const champion = async (server: Server): Promise<unknown> =>
    ((await (await fetch(`${server.url}/models/turnover`)).json()) as { version: string }).version;
  await until(async () => (await champion(other)) === '2');
  const etags = await Promise.all([one, other].map(({ url }) => fetch(`${url}/models/turnover`)));
  expect(etags.map(({ headers }) => headers.get('etag'))).toEqual(['"2"', '"2"']);
});
