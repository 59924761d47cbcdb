import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { eraseTree } from '../../src/journal/erase.js';
import { ofInput } from '../../src/journal/selection.js';
import { verifyTree } from '../../src/journal/verify.js';
import { ErasureFollower } from '../../src/watch/erasure-follower.js';
import { all } from '../support/all.js';
import { notePrunedDay } from '../../src/journal/pruned-days.js';
import { newId } from '../../src/observability/ids.js';
import { StateDatabase } from '../../src/state/state-database.js';
import { ARTIFACTS } from '../support/artifacts.js';
import { type Answer, createTestApp, type TestApp } from '../support/create-app.js';
import { problem } from '../support/shapes.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const IRIS = { sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 };
const NOTHING = { accepted: 0, replaced: 0, unchanged: 0, rejected: [] };
const MALFORMED = 'prediction_id must be one that a prediction was answered with';
const UNKNOWN = 'no record here has this prediction_id';

async function serving(settings: Readonly<Record<string, string>> = {}): Promise<TestApp> {
  const root = temporaryFolder();
  for (const name of ['iris', 'diabetes'])
    cpSync(join(ARTIFACTS, name), join(root, name), { recursive: true });
  const app = await createTestApp({ ARTIFACTS_DIR: root, ...settings });
  onTestFinished(() => app.close());
  return app;
}

/** The ids of so many predictions in one call. */
async function predicted(app: TestApp, rows = 1): Promise<string[]> {
  const instances = Array.from({ length: rows }, () => IRIS);
  const { body } = await app.post('/v1/models/iris:predict', { instances });
  return (body as { predictions: { prediction_id: string }[] }).predictions.map((each) => each.prediction_id);
}

/** The id of the prediction of a row. */
async function predictedFrom(app: TestApp, row: object): Promise<string> {
  const { body } = await app.post('/models/iris/predict', row);
  return (body as { prediction_id: string }).prediction_id;
}

const give = (app: TestApp, body: unknown): Promise<Answer> => app.post('/feedback', body);
const given = async (app: TestApp, ...pairs: [id: unknown, value: unknown][]): Promise<unknown> =>
  (await give(app, { feedback: pairs.map(([prediction_id, value]) => ({ prediction_id, value })) })).body;
const labelled = async (app: TestApp, query = ''): Promise<Record<string, unknown>[]> =>
  (await app.get(`/models/iris/labelled${query}`)).text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('feedback', () => {
  it('is taken for a prediction that was just made, replaced, and unchanged when it comes again', async () => {
    const app = await serving();
    const [id] = await predicted(app);
    const one = (value: unknown): Promise<Answer> => give(app, { prediction_id: id, value });

    expect(await one(0)).toMatchObject({ status: 200, body: { ...NOTHING, accepted: 1 } });
    expect((await one(0)).body).toEqual({ ...NOTHING, unchanged: 1 });
    expect((await one(2)).body).toEqual({ ...NOTHING, replaced: 1 });
    expect(await labelled(app)).toEqual([
      {
        prediction_id: id,
        version: '1',
        time: app.records()[0]!['time'],
        given: expect.any(String) as string,
        inputs: IRIS,
        label: 2,
      },
    ]);
    const values = await app.app.get(StateDatabase).run('valuesOf', { id: id! });
    expect(values.map(({ value, principal }) => [value, principal])).toEqual([
      ['0', null],
      ['2', null],
    ]);
  });

  it('takes each row of a call by its own id, and doubled ids in their order', async () => {
    const app = await serving();
    const [first, second, third] = await predicted(app, 3);
    const answer = await given(app, [first, 0], [second, 1], [first, 1], [first, 1], [third, 2], [first, 2]);

    expect(answer).toEqual({ accepted: 3, replaced: 2, unchanged: 1, rejected: [] });
    const labels = (await labelled(app)).map((row) => [row['prediction_id'], row['label']]);
    expect(new Map(labels as [string, number][])).toEqual(
      new Map([
        [first, 2],
        [second, 1],
        [third, 2],
      ]),
    );
  });

  it('goes with the record that is erased, and is not taken any more', async () => {
    const PREDICTION_LOG_DIR = temporaryFolder();
    const STATE_DIR = temporaryFolder();
    const before = await serving({ PREDICTION_LOG_DIR, STATE_DIR });
    const [id, other] = [
      (await predicted(before))[0]!,
      await predictedFrom(before, { ...IRIS, petal_width: 0.7 }),
    ];
    await given(before, [id, 0], [other, 1]);
    await before.close();
    const app = await serving({ PREDICTION_LOG_DIR, STATE_DIR });
    expect(await labelled(app)).toHaveLength(2);
    await all(eraseTree(PREDICTION_LOG_DIR, ofInput('petal_width', '0.7'), { by: 'kim' }));
    await app.app.get(ErasureFollower, { strict: false }).look();

    expect((await labelled(app)).map(({ prediction_id }) => prediction_id)).toEqual([id]);
    expect(await app.get(`/predictions/${other}`)).toMatchObject({ status: 410 });
    expect(await given(app, [other, 1])).toMatchObject({ rejected: [{ code: 'gone' }] });
    expect((await verifyTree(PREDICTION_LOG_DIR)).faults).toEqual([]);
  });

  it('says of each pair that cannot be taken why, and takes the others', async () => {
    const app = await serving();
    const [id] = await predicted(app);
    const { body } = await app.post('/models/diabetes/predict', diabetesRow());
    const number = (body as { prediction_id: string }).prediction_id;
    const pruned = '01a1fdca-28ca-7055-b178-fbd508337fb5';
    notePrunedDay(app.settings['PREDICTION_LOG_DIR']!, {
      model: 'iris',
      date: '2026-11-21',
      files: [],
      bytes: 1,
    });
    const reply = await give(app, {
      feedback: [
        { prediction_id: 'x', value: 1 },
        { prediction_id: newId(), value: 1 },
        { prediction_id: pruned, value: 1 },
        { prediction_id: id, value: 3 },
        { prediction_id: id, value: 'setosa' },
        { prediction_id: id, value: '0' },
        { prediction_id: id, value: null },
        { prediction_id: number, value: 5 },
        { prediction_id: id },
        7,
        { prediction_id: id, value: 1, sure: true },
        { prediction_id: id, value: 'x'.repeat(9_999) },
        { prediction_id: String(id).toUpperCase(), value: 1 },
      ],
    });

    const pair =
      'must be an object with prediction_id and value, or a row with both columns; a value has at most 10,000 characters';
    expect(reply.body).toEqual({
      ...NOTHING,
      accepted: 1,
      rejected: [
        { index: 0, code: 'malformed_id', detail: MALFORMED },
        { index: 1, code: 'unknown_id', detail: UNKNOWN },
        { index: 2, code: 'gone', detail: 'its record was erased, or the records of its day were removed' },
        { index: 3, code: 'not_a_class', detail: 'must be one of 0, 1, 2; got 3' },
        { index: 4, code: 'not_a_class', detail: 'must be the value of that class, 0; got "setosa"' },
        { index: 5, code: 'not_a_class', detail: 'must be one of 0, 1, 2; got "0"' },
        { index: 6, code: 'not_a_class', detail: 'must be one of 0, 1, 2; got null' },
        { index: 7, code: 'not_a_class', detail: 'must be one of 0, 1; got 5' },
        { index: 8, code: 'malformed_pair', detail: pair },
        { index: 9, code: 'malformed_pair', detail: pair },
        { index: 10, code: 'malformed_pair', detail: pair },
        { index: 11, code: 'malformed_pair', detail: pair },
      ],
    });
    expect((await app.get(`/predictions/${pruned}`)).status).toBe(410);
    const { text } = await app.get('/metrics');
    expect(text).toContain('nestor_feedback_total{outcome="accepted"} 1');
    expect(text).toContain('nestor_feedback_total{outcome="replaced"} 0');
    expect(text).toContain('nestor_feedback_rejected_total{code="not_a_class"} 5');
    expect(text).toContain('nestor_feedback_unmatched 0');
  });

  it('takes CSV and NDJSON', async () => {
    const app = await serving();
    const [first, second, third] = await predicted(app, 3);
    const send = (type: string, text: string): Promise<Answer> =>
      app.send('POST', '/feedback', text, { 'content-type': type });
    const csv = `\uFEFFname,prediction_id,value\r\n"a, ""b""",${first},1\r\n\r\nc,${second},x\r\nd,${third}\r\n`;

    expect((await send('text/csv; charset=utf-8', csv)).body).toEqual({
      ...NOTHING,
      accepted: 1,
      rejected: [
        { index: 1, code: 'not_a_class', detail: 'must be one of 0, 1, 2; got "x"' },
        { index: 2, code: 'malformed_pair', detail: expect.any(String) as string },
      ],
    });
    const lines = `{"prediction_id":"${first}","value":1}\n{"prediction_id":\n{"prediction_id":"${third}","value":0}\n`;
    expect((await send('application/x-ndjson', lines)).body).toEqual({
      ...NOTHING,
      accepted: 1,
      unchanged: 1,
      rejected: [{ index: 1, code: 'malformed_pair', detail: expect.any(String) as string }],
    });
    expect(await send('text/csv', 'id,label\n')).toMatchObject({
      status: 400,
      body: problem('bad_request', 400, {
        detail: 'the first line must name the columns: prediction_id,value',
      }),
    });
    for (const path of ['/models/iris/predict', '/models/iris/train'])
      expect(await app.send('POST', path, csv, { 'content-type': 'text/csv' })).toMatchObject({
        status: 415,
        body: { code: 'unsupported_media_type' },
      });
  });

  it('is refused as a whole where it is no list of pairs, or has more than 10,000', async () => {
    const app = await serving();
    const [id] = await predicted(app);
    const fault = async (body: unknown): Promise<unknown> => {
      const reply = await give(app, body);
      return reply.status === 400 && (reply.body as { errors: object[] }).errors;
    };
    const pair = { prediction_id: id, value: 1 };

    expect(await fault([pair])).toEqual([
      { pointer: '', code: 'type', detail: expect.any(String) as string },
    ]);
    expect(await fault({ value: 1 })).toMatchObject([{ pointer: '/prediction_id', code: 'required' }]);
    expect(await fault({ ...pair, sure: 1 })).toMatchObject([{ pointer: '/sure', code: 'unknown_field' }]);
    expect(await fault({ feedback: pair })).toMatchObject([{ pointer: '/feedback', code: 'type' }]);
    const many = Array.from({ length: 10_001 }, () => pair);
    expect(await fault({ feedback: many })).toMatchObject([{ pointer: '/feedback', code: 'too_many_rows' }]);
    expect((await give(app, { feedback: many.slice(1) })).body).toEqual({
      ...NOTHING,
      accepted: 1,
      unchanged: 9_999,
    });
    expect((await give(app, { feedback: [] })).body).toEqual(NOTHING);
  });

  it('finds records that wait to be written, and those of packed files', async () => {
    const app = await serving({ PREDICTION_LOG_DURABILITY: 'buffered' });
    const [held] = await predicted(app);
    expect(await given(app, [held, 0])).toEqual({ ...NOTHING, accepted: 1 });
    const [packed] = await predicted(app);
    expect((await app.get(`/predictions/${packed}`)).status).toBe(200);
    const log = app.settings['PREDICTION_LOG_DIR']!;
    const file = readdirSync(log, { recursive: true, encoding: 'utf8' }).find((name) =>
      name.endsWith('.ndjson'),
    )!;
    writeFileSync(join(log, `${file}.gz`), gzipSync(readFileSync(join(log, file))));
    rmSync(join(log, file));

    expect(await given(app, [packed, 2], [held, 2])).toEqual({ ...NOTHING, accepted: 1, replaced: 1 });
  });

  it('of a version that is not here any more is compared with the kind of its prediction', async () => {
    const app = await serving();
    const log = app.settings['PREDICTION_LOG_DIR']!;
    const [id, other] = [newId(), newId()];
    const record = (prediction_id: string, prediction: unknown): string =>
      JSON.stringify({
        prediction_id,
        time: new Date().toISOString(),
        model: 'iris',
        version: '9',
        inputs: IRIS,
        outputs: { prediction },
      });
    await predicted(app);
    const file = readdirSync(log, { recursive: true, encoding: 'utf8' }).find((name) =>
      name.endsWith('.ndjson'),
    )!;
    writeFileSync(join(log, file, '..', 'h-1-1.ndjson'), `${record(id, 1)}\n${record(other, 'yes')}\n`);

    expect(await given(app, [id, 'yes'], [id, 4], [other, 1], [other, 'no'])).toEqual({
      ...NOTHING,
      accepted: 2,
      rejected: [
        { index: 0, code: 'not_a_number', detail: 'must be a number; got "yes"' },
        { index: 2, code: 'not_a_class', detail: 'must be a text, as its prediction is; got 1' },
      ],
    });
  });

  it('is refused within a second while the state is away, and predictions are found all the same', async () => {
    const app = await serving({ STATE_DIR: '/proc/nestor' });
    const [id] = await predicted(app);
    const started = performance.now();
    expect(await give(app, { prediction_id: id, value: 0 })).toMatchObject({
      status: 503,
      headers: { 'retry-after': '1' },
      body: { code: 'state_unavailable' },
    });
    expect(performance.now() - started).toBeLessThan(1_500);
    expect((await app.get(`/predictions/${id}`)).status).toBe(200);
  });
});

describe('a prediction', () => {
  it('is shown as it was recorded, to this machine alone, or is told to be none', async () => {
    const app = await serving();
    const [id] = await predicted(app, 2);
    const { status, headers, body } = await app.get(`/predictions/${id}`);

    expect([status, headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
    expect(body).toEqual(app.records()[0]);
    for (const none of [newId(), 'x', '01a1fdca-28ca-4055-b178-fbd508337fb5'])
      expect(await app.get(`/predictions/${none}`)).toMatchObject({
        status: 404,
        body: { code: 'prediction_not_found' },
      });
    for (const path of [`/predictions/${id}`, '/models/iris/labelled'])
      expect((await app.get(path, { origin: 'https://elsewhere.example' })).status).toBe(403);
  });
});

describe('labelled rows', () => {
  it('come in the order in which they were labelled, since a time, page by page, and for the lease of a job', async () => {
    const app = await serving();
    const ids = await predicted(app, 450);
    await given(app, ...ids.slice(0, 449).map((id): [string, number] => [id, 1]));
    await new Promise((resolve) => setTimeout(resolve, 5));
    const since = new Date().toISOString();
    await given(app, [ids[449], 2]);

    const all = await labelled(app);
    expect(new Set(all.map((row) => row['prediction_id']))).toEqual(new Set(ids));
    expect(all.at(-1)).toMatchObject({ prediction_id: ids[449], label: 2 });
    expect(await labelled(app, `?since=${since}`)).toEqual([all.at(-1)]);
    expect(await labelled(app, '?since=2036-01-01')).toEqual([]);
    expect((await app.get('/models/iris/labelled?since=yesterday')).status).toBe(400);
    expect((await app.get('/models/nobody/labelled')).status).toBe(404);
    expect((await app.get('/models/diabetes/labelled')).text).toBe('');
    const lease = (token: string): Promise<Answer> =>
      app.get('/models/iris/labelled', { 'x-job-lease': token });
    expect(await lease('none')).toMatchObject({ status: 409, body: { code: 'lease_lost' } });
    await app.post('/models/iris/train', {});
    const schema = { type: 'object', properties: {}, additionalProperties: false };
    const claimed = await app.post('/runners/claim', { runner: 'a', models: { iris: schema } });
    const { token } = (claimed.body as { lease: { token: string } }).lease;
    // The lease opens its own model alone: the labelled rows, and the champion that a training is compared with.
    for (const path of ['labelled', 'versions/1/artifact']) {
      const answer = (model: string): Promise<Answer> =>
        app.get(`/models/${model}/${path}`, { 'x-job-lease': token });
      expect(await answer('iris')).toMatchObject({ status: 200 });
      expect(await answer('diabetes')).toMatchObject({ status: 409, body: { code: 'lease_lost' } });
    }
  });
});

function diabetesRow(): object {
  const samples = readFileSync(join(ARTIFACTS, 'diabetes', '1', 'samples.json'), 'utf8');
  return (JSON.parse(samples) as { samples: { input: object }[] }).samples[0]!.input;
}
