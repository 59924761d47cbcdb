import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as after } from 'node:timers/promises';
import { atEnd } from '../support/clean-up.js';
import { nestor, NESTOR } from '../support/nestor.js';
import { type Server, startServer } from '../support/server.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const NO_ARGUMENTS = { type: 'object', properties: {}, additionalProperties: false };
const CLAIM = { runner: 'trainer-1', models: { iris: NO_ARGUMENTS } };
const ID = /^[0-9a-f-]{36}/gm;
const unnamed = (text: string): string => text.replace(ID, '<id>').replace(/\d{4}-\d\d-\S+Z/g, '<time>');

interface Claimed {
  readonly job: { readonly id: string };
  readonly lease: { readonly token: string };
}

async function post<T>(server: Server, path: string, body: object): Promise<T> {
  return (await (await server.post(path, body)).json()) as T;
}

/** A command that follows a job, and what it has said so far. */
function started(...parameters: string[]) {
  const child = spawn(process.execPath, [NESTOR, ...parameters]);
  atEnd(() => child.kill());
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].on('data', (text: Buffer) => (said[name] += text));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number, ...said }));
  const until = async (text: string): Promise<void> => {
    while (!said.stderr.includes(text)) await after(20);
  };
  return { ended, until };
}

it('nestor train asks for a job, nestor jobs lists them, follows one through a kill of the server to its end, and says how it ended', async () => {
  const settings = { STATE_DIR: temporaryFolder(), PORT: '0' };
  const server = await startServer(settings);
  const from = ['--from', server.url];
  expect((await nestor('jobs', ...from)).stdout).toMatch(/ has no jobs\n$/);
  const train = ['train', 'iris', ...from, '--idempotency-key', 'nightly', '--json'];
  const asking = started(...train);
  await asking.until('queued');
  const following = started('jobs', ...from, '--follow');
  await following.until('queued');
  const { job, lease } = await post<Claimed>(server, '/runners/claim', CLAIM);
  const beat = {
    token: lease.token,
    stage: 'fit',
    progress: 0.31,
    metrics: { accuracy: 0.912345 },
    log: ['read 150 rows'],
  };
  await following.until('running');
  await post(server, `/jobs/${job.id}/heartbeat`, beat);
  await following.until('fit  31 %');
  server.child.kill('SIGKILL');
  await server.ended;
  // The same port, on which whoever follows asks again; the lease of before holds.
  const next = await startServer({ ...settings, PORT: String(server.port) });
  const error = { code: 'data', detail: 'no rows' };
  await post(next, `/jobs/${job.id}/result`, { token: lease.token, state: 'error', error });
  const { code, stdout, stderr } = await following.ended;

  expect([code, stdout, stderr.split('\n').slice(0, 3).map(unnamed)]).toEqual([
    1,
    '',
    ['queued', 'running', 'fit  31 %  accuracy 0.9123'],
  ]);
  const asked = await asking.ended;
  expect(asked.code).toBe(1);
  expect(JSON.parse(asked.stdout)).toMatchObject({ id: job.id, state: 'error', error });
  expect(JSON.parse((await nestor(...train)).stdout)).toMatchObject({ id: job.id, state: 'error', error });
  expect(unnamed(stderr.replace('nestor: ', ''))).toMatch(
    /\n<id> {2}<time> {2}iris {2}error {2}data: no rows {2}accuracy 0.9123\n$/,
  );
  expect(unnamed((await nestor('jobs', job.id, ...from)).stdout)).toBe(
    'read 150 rows\n<id>  <time>  iris  error  data: no rows  accuracy 0.9123\n',
  );
}, 60_000);
