import { execFile, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { withKeys } from '../support/keys.js';
import { type Server, startServer } from '../support/server.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PYTHON = join(ROOT, 'python/.venv/bin/python');
const HAS_PACKAGE = existsSync(PYTHON);

/** A training of a moment's work, with a hold-out that tells nothing. */
const TRAINING = `
import time
import nestor
import numpy as np
from sklearn.linear_model import LogisticRegression

@nestor.trainable(model="dots")
def dots(seconds: float = 0.0):
    assert nestor.training_data().joinpath("dots_training.py").exists()
    nestor.report("fit", 0.1)
    time.sleep(seconds)
    X = np.random.default_rng(0).normal(size=(400, 2))
    y = (X[:, 0] > 0).astype(int)
    return nestor.export(LogisticRegression().fit(X, y), X, y, name="dots", verbose=False)
`;

interface Job {
  readonly id: string;
  readonly state: string;
  readonly stage: string | null;
  readonly version: string | null;
}

/** A server with a runner of its own, that knows the training. */
async function serving(
  settings: Readonly<Record<string, string>> = {},
): Promise<{ server: Server; folder: string }> {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'dots_training.py'), TRAINING);
  writeFileSync(join(folder, 'python'), `#!/bin/sh\nexec ${PYTHON} "$@" --module dots_training\n`, {
    mode: 0o755,
  });
  const path = [folder, join(ROOT, 'python/src'), join(ROOT, 'python/demonstrations')].join(delimiter);
  const server = await startServer({
    TRAINING_PYTHON: join(folder, 'python'),
    TRAINING_DATA: folder,
    ARTIFACTS_DIR: temporaryFolder(),
    STATE_DIR: temporaryFolder(),
    TRAINING_LEASE_SECONDS: '2',
    LOG_LEVEL: 'info',
    LOG_FORMAT: 'json',
    PYTHONPATH: path,
    TMPDIR: folder,
    ...settings,
  });
  return { server, folder };
}

async function soon<T>(find: () => Promise<T | undefined | false> | T | undefined | false): Promise<T> {
  for (let tries = 0; tries < 600; tries++) {
    const found = await find();
    if (found !== undefined && found !== false) return found;
    await after(100);
  }
  throw new Error('nothing within a minute');
}

async function asked(server: Server, body: object, headers = {}): Promise<Job> {
  return soon(async () => {
    const reply = await server.post('/models/dots/train', body, headers);
    return reply.status === 202 && ((await reply.json()) as Job);
  });
}

const jobOf = async (server: Server, { id }: Job, headers = {}): Promise<Job> =>
  (await (await fetch(`${server.url}/jobs/${id}`, { headers })).json()) as Job;

/** Processes whose command line has a text. */
function processesOf(text: string): string[] {
  const { stdout } = spawnSync('ps', ['-eo', 'pid,args', '-ww'], { encoding: 'utf8' });
  return stdout.split('\n').filter((line) => line.includes(text) && !line.includes('ps -eo'));
}

/** The session of the article on DEEPaaS as docs/data-scientist.md has it, from no iris to its first prediction. */
async function followsTheArticle(server: Server): Promise<void> {
  const guide = readFileSync(join(ROOT, 'docs/data-scientist.md'), 'utf8');
  const [train, list, predict] = guide.match(/^curl .*iris-deepaas.*$/gm)!;
  const path = [dirname(PYTHON), process.env['PATH']].join(delimiter);
  const call = async (command: string | undefined): Promise<unknown> => {
    const line = command!.replace('http://127.0.0.1:5000', server.url);
    const { stdout } = await promisify(execFile)('sh', ['-c', line], { env: { PATH: path } });
    return JSON.parse(stdout);
  };
  expect(await call(predict)).toMatchObject({ code: 'model_not_found' });
  const began = performance.now();
  const asked = (await call(train)) as { uuid: string };
  expect(asked).toMatchObject({ status: 'running' });
  await soon(async () => {
    const [training] = (await call(list)) as [{ uuid: string; status: string }];
    expect(training.uuid).toBe(asked.uuid);
    return training.status === 'done';
  });
  expect(await call(predict)).toEqual({ status: 'OK', predictions: { labels: [0] } });
  expect(performance.now() - began).toBeLessThan(60_000);
}

describe.skipIf(!HAS_PACKAGE)('the runner of TRAINING_PYTHON (skipped without python/.venv)', () => {
  it('trains what is asked for, also as the article on DEEPaaS asks, and ends with the server', async () => {
    const { server, folder } = await serving();
    const job = await asked(server, {});
    const done = await soon(async () => {
      const now = await jobOf(server, job);
      return now.state === 'done' && now;
    });
    expect(done.version).toBe('1');
    const reply = await server.post('/models/dots/predict', { x0: 2, x1: 0 });
    expect(await reply.json()).toMatchObject({ prediction: 1 });
    expect(server.stdout).toMatch(/"line":"nestor: .* trains .*dots.*"message":"runner"/);

    await followsTheArticle(server);
    await server.stop();
    expect(processesOf(folder)).toEqual([]);
  }, 120_000);

  it('ends, and the training with it, where the server is killed', async () => {
    const { server, folder } = await serving();
    const job = await asked(server, { arguments: { seconds: 60 } });
    await soon(async () => (await jobOf(server, job)).stage === 'fit');
    expect(processesOf(folder)).not.toEqual([]);
    await server.stop('SIGKILL');
    await soon(() => processesOf(folder).length === 0);
  });

  it('is started again when it is killed, with a key that no other process can see', async () => {
    const { settings, keys } = withKeys({ asks: { scopes: ['train'] } });
    const bearer = { authorization: `Bearer ${keys.asks}` };
    const { server, folder } = await serving(settings);
    const first = await soon(() => /"line":"nestor: (\S+) trains/.exec(server.stdout)?.[1]);
    process.kill(Number(first.split(':').at(-1)), 'SIGKILL');
    await soon(() => /runner of TRAINING_PYTHON has ended and is started again/.test(server.stdout));
    const second = await soon(
      () => [...server.stdout.matchAll(/"line":"nestor: (\S+) trains/g)].map(([, name]) => name!)[1],
    );
    expect(second).not.toBe(first);

    const job = await asked(server, {}, bearer);
    await soon(async () => (await jobOf(server, job, bearer)).state === 'done');
    const environment = readFileSync(`/proc/${second.split(':').at(-1)}/environ`, 'utf8');
    expect([...processesOf('nestor runner'), environment, server.stdout].join('\n')).not.toMatch(/nst_\w/);
    expect(processesOf(folder)).not.toEqual([]);
    await server.stop();
  });
});

describe('TRAINING_PYTHON', () => {
  it('that names no Python is told with the mend, once, and the server serves on', async () => {
    const server = await startServer({
      TRAINING_PYTHON: '/nowhere/python',
      LOG_LEVEL: 'info',
      LOG_FORMAT: 'json',
    });
    await soon(() => /ENOENT/.test(server.stdout));
    await after(3_500);
    const told = server.stdout.split('\n').filter((line) => line.includes('started again'));
    expect(told).toHaveLength(1);
    expect(told[0]).toContain('install the package into the environment of TRAINING_PYTHON');
    expect((await fetch(`${server.url}/health/ready`)).status).toBe(200);
    await server.stop();
  });
});
