import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { GateReport } from '../../src/training/gate.js';
import { StateDatabase } from '../../src/state/state-database.js';
import { ARTIFACTS, ArtifactCopy } from '../support/artifacts.js';
import { createTestApp, type Answer, type TestApp } from '../support/create-app.js';
import { TAR, tarOfFolder } from '../support/pushed.js';
import { problem } from '../support/shapes.js';
import { waitingJob } from '../support/state.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const TOKEN = 'the-lease';
const ANY = { 'content-type': 'application/json', 'if-match': '*' };
const SHA = 'f02cc4f7ea7958c56d412d771a3f1a57b71fe7f45b1a274bf3f04bfa10211108';

interface Served {
  readonly app: TestApp;
  readonly root: string;
  /** A version that a job has trained and published. */
  readonly trained: (version: string, trigger?: string) => Promise<string>;
  readonly champion: () => Promise<unknown>;
  readonly put: (body: object) => Promise<Answer>;
}

/** A server of iris/1, or of nothing, in a stage. */
async function serving(stage = 'test', isEmpty = false): Promise<Served> {
  const root = temporaryFolder();
  if (!isEmpty) cpSync(join(ARTIFACTS, 'iris'), join(root, 'iris'), { recursive: true });
  const app = await createTestApp({ ARTIFACTS_DIR: root, APP_STAGE: stage, AUTH: 'off' });
  onTestFinished(() => app.close());
  const trained = async (version: string, trigger = 'request'): Promise<string> => {
    const job = waitingJob({
      model: 'iris',
      state: 'running',
      token: `${TOKEN}-${version}`,
      trigger,
      attempt: 1,
    });
    await app.app.get(StateDatabase).run('addJob', { job, most: 9 });
    const headers = { ...TAR, 'x-job-lease': `${TOKEN}-${version}` };
    const push = await app.send('POST', '/models/iris/versions', await irisTar(version), headers);
    expect(push.status, push.text).toBe(201);
    return job.id;
  };
  const champion = async (): Promise<unknown> =>
    ((await app.get('/models/iris')).body as { aliases: Record<string, string> }).aliases['champion'];
  const put = (body: object): Promise<Answer> =>
    app.send('PUT', '/models/iris/aliases/champion', JSON.stringify(body), ANY);
  return { app, root, trained, champion, put };
}

/** The notes of the training differ, and so the digest of the folder; the graph is the same. */
async function irisTar(version: string): Promise<Buffer> {
  const copy = new ArtifactCopy(temporaryFolder(), 'iris', version);
  cpSync(join(ARTIFACTS, 'iris', '1'), copy.folder, { recursive: true });
  return tarOfFolder(copy.editManifest((manifest) => (manifest.version = version)).folder);
}

const WORSE = {
  name: 'primary_metric',
  figure: -0.03,
  limit: -0.005,
  passed: false,
  reason: 'it answers worse',
};
const FEW = { name: 'enough_rows', figure: 30, limit: 500, passed: false, reason: 'too <few> rows' };
const SAME = {
  name: 'schema',
  figure: 0,
  limit: 0,
  passed: true,
  reason: 'inputs are those of the champion',
};

function report(version: string, changes: Partial<GateReport> = {}): GateReport {
  return {
    candidate: { version, sha256: SHA },
    champion: { version: '1', sha256: SHA },
    verdict: 'passed',
    metric: { name: 'accuracy', candidate: 0.95, champion: 0.9, gain: 0.05, low: 0.02, no_gain: 0.001 },
    holdout: { of: 'champion', rows: 600 },
    checks: [SAME],
    pictures: {
      differences: [{ name: 'accuracy', estimate: 0.05, low: 0.02, high: 0.08, limit: -0.005 }],
      slices: [{ name: 'petal_length ≤ "2"', rows: 210, candidate: 1, champion: 0.98, difference: 0.02 }],
      roc: {
        candidate: [
          [0, 0],
          [0.1, 0.9],
          [1, 1],
        ],
        champion: [
          [0, 0],
          [0.2, 0.8],
          [1, 1],
        ],
      },
      calibration: {
        candidate: [{ predicted: 0.1, observed: 0.12, rows: 300 }],
        champion: [{ predicted: 0.1, observed: 0.2, rows: 300 }],
      },
    },
    ...changes,
  };
}

const end = (app: TestApp, id: string, version: string, gate?: unknown): Promise<Answer> =>
  app.post(`/jobs/${id}/result`, {
    token: `${TOKEN}-${version}`,
    state: 'done',
    version,
    ...(gate !== undefined && { gate }),
  });

describe('the report of a gate', () => {
  it('is kept, shown by its job, as JSON and as a page, and promotes what gains by rule', async () => {
    const { app, trained, champion } = await serving();
    const id = await trained('2');
    expect(await champion()).toBe('1');
    const done = await end(app, id, '2', report('2'));
    expect(done).toMatchObject({
      status: 200,
      body: {
        state: 'done',
        version: '2',
        gate: {
          verdict: 'passed',
          champion: '1',
          report: '/models/iris/versions/2/gate',
          promoted: true,
          reason: 'accuracy +0.0500 beside version 1',
        },
      },
    });
    expect(await champion()).toBe('2');
    const kept = await app.get('/models/iris/versions/2/gate');
    expect(kept.body).toEqual({
      ...report('2'),
      model: 'iris',
      job: id,
      created: expect.stringMatching(/^\d{4}-.*Z$/) as string,
    });
    const [newest] = ((await app.get('/models/iris/history')).body as { history: unknown[] }).history;
    expect(newest).toMatchObject({
      alias: 'champion',
      from: '1',
      to: '2',
      who: 'rule',
      reason: `accuracy +0.0500 beside version 1 (job ${id})`,
      gate: {
        verdict: 'passed',
        candidate: { version: '2', sha256: SHA },
        champion: { version: '1', sha256: SHA },
        by_rule: true,
      },
    });
    // Said again, as after a lost answer, it changes nothing.
    expect((await end(app, id, '2', report('2'))).body).toEqual(done.body);
  });

  it('is a page that escapes what it is told, with pictures and no script', async () => {
    const { app, trained } = await serving();
    const given = report('2', {
      verdict: 'needs_approval',
      checks: [SAME, FEW],
      holdout: { of: 'labelled', rows: 600 },
    });
    await end(app, await trained('2'), '2', given);
    const page = await app.send('GET', '/models/iris/versions/2/gate', undefined, { accept: 'text/html' });

    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'x-content-type-options': 'nosniff',
      vary: expect.stringContaining('Accept') as string,
    });
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    for (const said of [
      'needs a person’s approval',
      'of the newest labelled rows',
      'too &lt;few&gt; rows',
      'petal_length ≤ &quot;2&quot;',
      '>ROC<',
    ])
      expect(page.text).toContain(said);
    expect(page.text.match(/<svg/g)).toHaveLength(4);
    expect(page.text).not.toMatch(/<script|undefined|NaN/);
    const card = (version: string): Promise<Answer> =>
      app.send('GET', `/models/iris/versions/${version}/card`, undefined, { accept: 'text/html' });
    expect((await card('2')).text).toContain('<a href="gate">Compared with version 1</a>: needs approval');
    expect((await card('1')).text).not.toContain('href="gate"');
  });

  it.each([
    ['another version', report('3'), '/gate/candidate/version must be "2", which this job has published'],
    [
      'another graph',
      report('2', { candidate: { version: '2', sha256: 'a'.repeat(64) } }),
      '/gate/candidate/sha256 is not that of the model.onnx of version "2" here; compare the files of this server',
    ],
    [
      'a champion that is not there',
      report('2', { champion: { version: '7', sha256: SHA } }),
      '/gate/champion/sha256 there is no version "7" here any more; compare the versions of this server',
    ],
    [
      'a verdict that does not follow',
      report('2', { checks: [SAME, WORSE] }),
      '/gate/verdict must be "failed", which follows from the checks',
    ],
  ])('is refused for %s, and the job may be ended without it', async (_what, given, detail) => {
    const { app, trained, champion } = await serving();
    const id = await trained('2');
    expect(await end(app, id, '2', given)).toMatchObject({
      status: 422,
      body: problem('report_refused', 422, { detail }),
    });
    expect((await app.get(`/jobs/${id}`)).body).toMatchObject({ state: 'running' });
    expect((await end(app, id, '2')).body).toMatchObject({ state: 'done', gate: null });
    expect(await champion()).toBe('1');
    expect((await app.get('/models/iris/versions/2/gate')).body).toMatchObject({ code: 'gate_not_found' });
  });

  it('is refused from a lease that is not the job’s, and where a field is no number', async () => {
    const { app, trained } = await serving();
    const id = await trained('2');
    const others = await app.post(`/jobs/${id}/result`, {
      token: 'x',
      state: 'done',
      version: '2',
      gate: report('2'),
    });
    expect(others).toMatchObject({ status: 409, body: { code: 'lease_lost' } });
    const odd = { ...report('2'), metric: { ...report('2').metric, gain: 'much' } };
    expect(await end(app, id, '2', odd)).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/gate/metric/gain', code: 'type' }] },
    });
  });

  it('that came before the server was killed counts when the next attempt has none', async () => {
    const { app, trained, champion } = await serving();
    const id = await trained('2');
    const gate = {
      model: 'iris',
      version: '2',
      sha256: SHA,
      champion: '1',
      champion_sha256: SHA,
      verdict: 'passed',
      report: JSON.stringify(report('2')),
      job: id,
      created: 1,
    };
    await app.app.get(StateDatabase).run('putGate', { gate });

    expect((await end(app, id, '2')).body).toMatchObject({ gate: { verdict: 'passed', promoted: true } });
    expect(await champion()).toBe('2');
  });
});

describe('promotion by rule', () => {
  const small = { ...report('2').metric, gain: 0.001 };

  it.each([
    [
      'no gain',
      'test',
      report('2', { metric: small }),
      'it gains +0.0010, and 0.002 is the least that counts',
    ],
    [
      'a gain by chance',
      'development',
      report('2', { metric: { ...small, gain: 0.01, no_gain: 0.2 } }),
      'its gain of +0.0100 may be chance',
    ],
    ['a failure', 'test', report('2', { verdict: 'failed', checks: [WORSE] }), 'the gate was not passed'],
    ['a later stage', 'acceptance', report('2'), 'in acceptance a person decides'],
  ])('is not made for %s', async (_what, stage, given, reason) => {
    const { app, trained, champion } = await serving(stage);
    const id = await trained('2');

    expect((await end(app, id, '2', given)).body).toMatchObject({
      state: 'done',
      gate: { promoted: false, reason },
    });
    expect(await champion()).toBe('1');
  });

  it('is made without a gain where drift asked for the training', async () => {
    const { app, trained, champion } = await serving();
    await end(app, await trained('2', 'drift'), '2', report('2', { metric: small }));
    expect(await champion()).toBe('2');
  });

  it('is not made where the champion is another one by now, nor of what was rolled back', async () => {
    const { app, trained, champion, put } = await serving();
    const copy = new ArtifactCopy(temporaryFolder(), 'iris', '5');
    cpSync(join(ARTIFACTS, 'iris', '1'), copy.folder, { recursive: true });
    const id = await trained('2');
    await end(app, id, '2', report('2'));
    await app.post('/models/iris/rollback', {});
    expect(await champion()).toBe('1');
    expect((await put({ version: '2' })).status).toBe(200);
    await app.post('/models/iris/rollback', {});
    const again = await app.app.get(StateDatabase).run('findJob', { id });
    const job = waitingJob({
      model: 'iris',
      state: 'running',
      token: `${TOKEN}-x`,
      version: '2',
      attempt: 1,
    });
    expect(again?.state).toBe('done');
    await app.app.get(StateDatabase).run('addJob', { job, most: 9 });
    const ended = await app.post(`/jobs/${job.id}/result`, {
      token: `${TOKEN}-x`,
      state: 'done',
      version: '2',
      gate: report('2'),
    });
    expect(ended.body).toMatchObject({ gate: { promoted: false, reason: 'it was rolled back before' } });
    expect(await champion()).toBe('1');
  });

  it('that fails leaves the job done, with the reason', async () => {
    const { app, root, trained } = await serving();
    const id = await trained('2');
    rmSync(join(root, 'iris', 'history.ndjson'), { force: true });
    mkdirSync(join(root, 'iris', 'history.ndjson'));

    expect((await end(app, id, '2', report('2'))).body).toMatchObject({
      state: 'done',
      gate: { verdict: 'passed', promoted: false, reason: 'it could not be promoted; the log says why' },
    });
  });

  it('makes the first version champion in test, and waits for a person in production', async () => {
    const test = await serving('test', true);
    await test.app.post('/runners/claim', {
      runner: 'r',
      models: { iris: { type: 'object', properties: {} } },
    });
    await end(test.app, await test.trained('1'), '1');
    expect(await test.champion()).toBe('1');

    const later = await serving('acceptance', true);
    await end(later.app, await later.trained('1'), '1');
    expect(await later.champion()).toBeUndefined();
    expect((await later.put({ version: '1', reason: 'looked at it' })).status).toBe(200);
    expect(await later.champion()).toBe('1');
  });
});

describe('a change of the champion', () => {
  it('by a person needs no gain, where the gate leaves it to one', async () => {
    const { app, trained, champion, put } = await serving();
    await end(app, await trained('2'), '2', report('2', { verdict: 'needs_approval', checks: [FEW] }));
    expect(await champion()).toBe('1');
    expect((await put({ version: '2', reason: 'enough for iris' })).status).toBe(200);
    const [newest] = ((await app.get('/models/iris/history')).body as { history: unknown[] }).history;
    expect(newest).toMatchObject({ to: '2', gate: { verdict: 'needs_approval' } });
  });

  it('is refused where the gate was failed, until somebody overrules it with a reason', async () => {
    const { app, trained, champion, put } = await serving();
    await end(app, await trained('2'), '2', report('2', { verdict: 'failed', checks: [SAME, WORSE] }));
    expect(await put({ version: '2' })).toMatchObject({
      status: 409,
      body: problem('gate_not_passed', 409, {
        detail:
          'version "2" of model "iris" has failed the gate beside version "1" (primary_metric: it answers worse); "force": true with a "reason" overrules the gate',
      }),
    });
    expect(await champion()).toBe('1');
    expect((await put({ version: '2', force: true, reason: 'the law has changed' })).status).toBe(200);
    const [newest] = ((await app.get('/models/iris/history')).body as { history: unknown[] }).history;
    expect(newest).toMatchObject({
      to: '2',
      reason: 'the law has changed',
      gate: { verdict: 'failed', forced: true },
    });
  });

  it('is refused where the gate was failed, also when nobody is champion any more', async () => {
    const { app, trained, put } = await serving();
    await end(app, await trained('2'), '2', report('2', { verdict: 'failed', checks: [SAME, WORSE] }));
    expect((await app.send('DELETE', '/models/iris/aliases/champion', undefined, ANY)).status).toBe(200);

    expect(await put({ version: '2' })).toMatchObject({ status: 409, body: { code: 'gate_not_passed' } });
    expect((await put({ version: '1' })).status).toBe(200);
  });

  it('is refused where another version is champion than it was compared with', async () => {
    const { app, trained, put } = await serving();
    const id = await trained('2');
    await end(app, id, '2', report('2', { metric: { ...report('2').metric, gain: 0 } }));
    // A champion of another graph: its digest is another.
    const copy = new ArtifactCopy(temporaryFolder(), 'iris', '3');
    cpSync(join(ARTIFACTS, 'iris', '1'), copy.folder, { recursive: true });
    const graph = Buffer.concat([copy.read('model.onnx'), Buffer.from([0x72, 0])]);
    copy.write('model.onnx', graph);
    copy.editManifest((manifest) => (manifest.version = '3'));
    const push = await app.send('POST', '/models/iris/versions', await tarOfFolder(copy.folder), TAR);
    expect(push.status, push.text).toBe(201);
    expect((await put({ version: '3' })).status).toBe(200);

    expect(await put({ version: '2' })).toMatchObject({
      status: 409,
      body: {
        code: 'gate_not_passed',
        detail:
          'version "2" of model "iris" was compared with version "1", and the champion is version "3" by now; train it again; "force": true with a "reason" overrules the gate',
      },
    });
  });
});
