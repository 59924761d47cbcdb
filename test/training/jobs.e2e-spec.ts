import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { ARTIFACTS, ArtifactCopy } from '../support/artifacts.js';
import { createTestApp, type Answer, type TestApp } from '../support/create-app.js';
import { problem } from '../support/shapes.js';
import { TAR, tarOfFolder } from '../support/pushed.js';
import { temporaryFolder } from '../support/temporary-folder.js';

interface Job {
  readonly id: string;
  readonly state: string;
  readonly [field: string]: unknown;
}
interface Claimed {
  readonly job: Job;
  readonly lease: { readonly token: string; readonly expires: string };
}

const TREES = {
  type: 'object',
  additionalProperties: false,
  properties: {
    trees: { type: 'integer', minimum: 1, maximum: 1_000, default: 100 },
    exact: { type: 'boolean' },
  },
};
const CLAIM = { runner: 'trainer-1', models: { iris: TREES } };

/** A server of iris/1 alone. */
async function serving(): Promise<TestApp> {
  const root = temporaryFolder();
  cpSync(join(ARTIFACTS, 'iris'), join(root, 'iris'), { recursive: true });
  const app = await createTestApp({ ARTIFACTS_DIR: root });
  onTestFinished(() => app.close());
  return app;
}

const train = (app: TestApp, body: unknown = {}, headers = {}): Promise<Answer> =>
  app.post('/models/iris/train', body, headers);
const trained = async (app: TestApp): Promise<Job> => (await train(app)).body as Job;
const claimed = async (app: TestApp): Promise<Claimed> =>
  (await app.post('/runners/claim', CLAIM)).body as Claimed;
const jobOf = async (app: TestApp, { id }: Job): Promise<Job> => (await app.get(`/jobs/${id}`)).body as Job;

async function irisTar(version: string): Promise<Buffer> {
  const copy = new ArtifactCopy(temporaryFolder(), 'iris', version);
  cpSync(join(ARTIFACTS, 'iris', '1'), copy.folder, { recursive: true });
  return tarOfFolder(copy.editManifest((manifest) => (manifest.version = version)).folder);
}

describe('a training', () => {
  it('is asked for, claimed, reported on, published and done', async () => {
    const app = await serving();
    const reply = await train(app, { arguments: { trees: 5 } });
    const job = reply.body as Job;
    expect(reply).toMatchObject({ status: 202, headers: { location: `../../jobs/${job.id}` } });
    const { lease, job: running } = await claimed(app);
    expect(running).toEqual({
      ...job,
      state: 'running',
      attempt: 1,
      runner: 'trainer-1',
      started: running['started'],
    });
    const beat = {
      token: lease.token,
      stage: 'fit',
      progress: 0.5,
      metrics: { accuracy: 0.9 },
      log: ['a', 'b'],
    };
    expect((await app.post(`/jobs/${job.id}/heartbeat`, beat)).body).toEqual({ cancel: false });

    const headers = { ...TAR, 'x-job-lease': lease.token };
    const push = async (version: string): Promise<Answer> =>
      app.send('POST', '/models/iris/versions', await irisTar(version), headers);
    expect((await push('2')).status).toBe(201);
    expect(await jobOf(app, job)).toMatchObject({ state: 'running', version: '2' });
    // The same again, as after a lost answer, and then another.
    expect((await push('2')).status).toBe(200);
    expect(await push('3')).toMatchObject({
      status: 409,
      body: problem('job_has_version', 409, {
        detail: `job "${job.id}" has published version "2" already; report its result with that version`,
      }),
    });
    const end = { token: lease.token, state: 'done', version: '2' };
    const done = await app.post(`/jobs/${job.id}/result`, end);
    expect(done).toMatchObject({
      status: 200,
      body: {
        ...running,
        state: 'done',
        stage: 'fit',
        progress: 1,
        version: '2',
        metrics: { accuracy: 0.9 },
        log: ['a', 'b'],
        finished: expect.any(String) as string,
      },
    });
    expect(await app.send('POST', '/models/iris/versions', await irisTar('4'), headers)).toMatchObject({
      status: 409,
      body: { code: 'lease_lost' },
    });
    expect((await app.get('/models/iris')).body).toMatchObject({ version: '1' });
  });

  it('that is asked for a hundred times at once with one key is one job', async () => {
    const app = await serving();
    const calls = Array.from({ length: 100 }, () => train(app, {}, { 'idempotency-key': 'nightly' }));
    const replies = await Promise.all(calls);

    expect(new Set(replies.map(({ body }) => (body as Job).id)).size).toBe(1);
    expect(replies.filter(({ status }) => status === 202)).toHaveLength(1);
    const other = await train(app, { arguments: { trees: 3 } }, { 'idempotency-key': 'nightly' });
    expect(other).toMatchObject({ status: 422, body: { code: 'idempotency_mismatch' } });
  });

  it('is refused with every fault of its arguments, as its runner has declared them', async () => {
    const app = await serving();
    await trained(app);
    await claimed(app);

    const reply = await train(app, { arguments: { trees: 0, exact: 'yes', leaves: 3 } });
    expect(reply.status).toBe(400);
    expect((reply.body as { errors: unknown }).errors).toEqual([
      {
        pointer: '/arguments/leaves',
        code: 'unknown_field',
        detail: 'is no argument of this training, which takes trees, exact',
      },
      { pointer: '/arguments/trees', code: 'minimum', detail: 'must be at least 1; got 0' },
      { pointer: '/arguments/exact', code: 'type', detail: 'must be true or false; got "yes"' },
    ]);
    expect((await train(app, { arguments: { trees: 7 } })).status).toBe(202);
    expect((await app.send('POST', '/models/iris/train')).status).toBe(202);
  });

  it('of a model that nobody serves is taken when a runner has declared it', async () => {
    const app = await serving();
    expect(await app.post('/models/wine/train', {})).toMatchObject({
      status: 404,
      body: { code: 'model_not_found' },
    });
    await trained(app);
    await app.post('/runners/claim', { runner: 'b', models: { wine: TREES, iris: TREES } });

    expect((await app.post('/models/wine/train', {})).status).toBe(202);
  });

  it('may have no body that is anything else', async () => {
    const app = await serving();

    expect(await train(app, [])).toMatchObject({ status: 400, body: { code: 'invalid_input' } });
    expect(await train(app, { arguments: {}, trees: 1 })).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/trees', code: 'unknown_field', detail: 'is not known here' }] },
    });
    expect((await train(app, { arguments: { text: 'x'.repeat(70_000) } })).status).toBe(413);
    expect((await train(app, {}, { 'idempotency-key': 'ä' })).status).toBe(400);
  });
});

describe('jobs', () => {
  it('are listed, by model and state, the newest first', async () => {
    const app = await serving();
    const [first, second] = [await trained(app), await trained(app)];
    const ids = async (query: string): Promise<string[]> =>
      ((await app.get(`/jobs${query}`)).body as { jobs: Job[] }).jobs.map(({ id }) => id);
    await app.send('DELETE', `/jobs/${first.id}`);

    expect(await ids('')).toEqual([second.id, first.id]);
    expect(await ids('?state=cancelled')).toEqual([first.id]);
    expect(await ids('?model=wine')).toEqual([]);
    expect((await app.get('/jobs?state=lost')).status).toBe(400);
    expect((await app.get('/jobs?state=done&state=error')).status).toBe(400);
    expect(await app.get('/jobs/nobody')).toMatchObject({ status: 404, body: { code: 'job_not_found' } });
  });

  it('are followed by events until they end', async () => {
    const app = await serving();
    const job = await trained(app);
    const stream = app.get(`/jobs/${job.id}/events`);
    await after(100);
    await app.send('DELETE', `/jobs/${job.id}`);
    const { status, headers, text } = await stream;
    const events = text.split('\n\n').filter(Boolean);

    expect([status, headers['content-type']]).toEqual([200, 'text/event-stream; charset=utf-8']);
    expect(events.map((event) => (JSON.parse(event.slice('data: '.length)) as Job).state)).toEqual([
      'queued',
      'cancelled',
    ]);
  });

  it('and who waits for them are let go when the server stops', async () => {
    const app = await serving();
    const job = await trained(app);
    const claim = app.post('/runners/claim', { runner: 'b', models: { wine: TREES } });
    const stream = app.get(`/jobs/${job.id}/events`);
    await after(100);
    await app.close();

    expect((await claim).status).toBe(204);
    expect((await stream).text.split('\n\n').filter(Boolean)).toHaveLength(1);
  });

  it('are counted by model and state', async () => {
    const app = await serving();
    await trained(app);
    await trained(app);
    await claimed(app);
    const lines = (await app.get('/metrics')).text
      .split('\n')
      .filter((line) => line.startsWith('nestor_job'));

    expect(lines.map((line) => line.replace(/ [\d.]{10,}$/, ' <time>'))).toEqual([
      'nestor_jobs{model="iris",state="queued"} 1',
      'nestor_jobs{model="iris",state="running"} 1',
      'nestor_job_waiting_since_timestamp_seconds{model="iris"} <time>',
      'nestor_job_running_since_timestamp_seconds{model="iris"} <time>',
    ]);
  });

  it('are nobody’s business but that of who may', async () => {
    const app = await serving();
    for (const path of ['/jobs', '/jobs/x', '/jobs/x/events'])
      expect((await app.get(path, { origin: 'https://a.example' })).status).toBe(403);
    for (const path of ['/models/iris/train', '/runners/claim', '/jobs/x/heartbeat', '/jobs/x/result'])
      expect((await app.post(path, {}, { origin: 'https://a.example' })).status).toBe(403);
  });
});

describe('a claim', () => {
  it('names what its runner trains, by arguments that are flat and bounded', async () => {
    const app = await serving();
    const faults = async (models: unknown): Promise<unknown> =>
      ((await app.post('/runners/claim', { runner: 'a', models })).body as { errors: unknown }).errors;

    expect(await faults({})).toMatchObject([{ pointer: '/models' }]);
    expect(await faults({ '../x': TREES })).toMatchObject([{ code: 'pattern' }, { code: 'propertyNames' }]);
    expect(await faults({ iris: { ...TREES, properties: { a: { pattern: '(a+)+$' } } } })).toEqual([
      { pointer: '/models/iris/properties/a/pattern', code: 'unknown_field', detail: 'is not known here' },
    ]);
  });

  it('of a report without lease is refused', async () => {
    const app = await serving();
    const job = await trained(app);
    const { lease } = await claimed(app);

    for (const [path, body] of [
      ['heartbeat', {}],
      ['result', { state: 'cancelled' }],
    ] as const) {
      const wrong = await app.post(`/jobs/${job.id}/${path}`, { token: 'another', ...body });
      expect(wrong).toMatchObject({ status: 409, body: { code: 'lease_lost' } });
    }
    const end = await app.post(`/jobs/${job.id}/result`, { token: lease.token, state: 'done', version: '9' });
    expect(end).toMatchObject({
      status: 400,
      body: {
        errors: [
          {
            pointer: '/version',
            code: 'not_published',
            detail: 'must be the version that was published with this lease; none was',
          },
        ],
      },
    });
  });
});
