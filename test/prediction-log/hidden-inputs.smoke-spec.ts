import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createHmac } from 'node:crypto';
import { readRecords } from '../support/records.js';
import { startServer } from '../support/server.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

/** What may be found nowhere: each stands in a value of a hidden input, be it legal or not. */
const CANARIES = ['73918264', '48261937', '19385271', '61928374', '28391746', 'kowalska', 'wisniewska'];
/** A value of an input that is kept, to show that the search would find the others. */
const KEPT = '0.87654321';

const canariesIn = (text: string): string[] => CANARIES.filter((canary) => text.includes(canary));

const keyFile = join(temporaryFolder(), 'key');
const key = Buffer.alloc(32, 9);
writeFileSync(keyFile, key, { mode: 0o600 });
const hashOf = (...of: readonly [model: string, input: string, value: unknown]): string =>
  `hmac-sha256:${createHmac('sha256', key).update(JSON.stringify(of)).digest().toString('base64url', 0, 16)}`;

const server = await startServer({
  LOG_LEVEL: 'debug',
  DOCS_ENABLED: 'true',
  PREDICTION_LOG_HASH_KEY_FILE: keyFile,
  PREDICTION_LOG_INPUTS: [
    'turnover.satisfaction_level=hash',
    'turnover.sales=drop',
    'iris.sepal_length=hash',
    'iris.petal_length=drop',
    'diabetes.mass_index=hash',
    'diabetes.diabetes_pedigree=drop',
    'sentiment.text=hash',
    'sentiment-deep.text=drop',
    'nobody.name=drop',
  ].join(','),
});

const TURNOVER = { ...TURNOVER_ROW, satisfaction_level: 0.73918264, last_evaluation: Number(KEPT) };
const BAD_TURNOVER = [
  { satisfaction_level: 73918264 },
  { satisfaction_level: 'kowalska' },
  { satisfaction_level: ['kowalska'] },
  { sales: 'wisniewska' },
  { sales: 48261937 },
];
const IRIS = { sepal_length: 5.19385271, sepal_width: 3.5, petal_length: 1.61928374, petal_width: 99 };
const iris = (...values: unknown[]): string => values.map((value) => `data=${String(value)}`).join('&');
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const DIABETES = (bmi: number | string, pedigree: number) => ({
  data: `1,106,70,28,135,${bmi},${pedigree},22`,
});

/** Calls of every door, by what is answered; of every door at least one that is refused. */
const CALLS: readonly [path: string, body: unknown, status: number, headers?: Record<string, string>][] = [
  ['/models/turnover/predict', TURNOVER, 200],
  ['/models/turnover/versions/1/predict', TURNOVER, 200],
  ['/v1/models/turnover:predict', { instances: [TURNOVER, TURNOVER] }, 200],
  ['/predict', TURNOVER, 200],
  ['/v2/models/turnover/predict/', TURNOVER, 200],
  ...BAD_TURNOVER.flatMap((bad): [string, unknown, number][] => [
    ['/models/turnover/predict', { ...TURNOVER, ...bad }, 400],
    ['/v1/models/turnover:predict', { instances: [TURNOVER, { ...TURNOVER, ...bad }] }, 400],
    ['/predict', { ...TURNOVER, ...bad }, 400],
    ['/v2/models/turnover/predict/', { ...TURNOVER, ...bad }, 422],
  ]),
  ['/models/turnover/predict', 'kowalska', 400],
  ['/v1/models/turnover:predict', { instances: ['kowalska'] }, 400],
  ['/models/iris/predict', { ...IRIS, petal_length: 61.928374 }, 200],
  [`/v2/models/iris/predict/?${iris(...Object.values(IRIS))}`, {}, 200],
  [`/v2/models/iris/predict/?${iris('kowalska', 3.5, 'wisniewska', 0.2)}`, {}, 400],
  [`/v2/models/iris/predict/?${iris(19385271, 3.5, -61928374, 0.2)}`, {}, 400],
  [`/v2/models/iris-deepaas/predict/?sepal_length=kowalska&petal_length=1.61928374`, {}, 422],
  ['/katana-ml/api/v1.0/diabetes', DIABETES(33.61928374, 0.28391746), 200],
  ['/katana-ml/api/v1.0/diabetes', DIABETES('kowalska', 28391746), 400],
  ['/katana-ml/api/v1.0/diabetes', DIABETES(61928374, 28391746), 400],
  ['/', { query: 'Mrs kowalska was boring' }, 200],
  ['/', 'query=Mrs+kowalska+was+boring', 200, FORM],
  ['/', { query: ['kowalska'] }, 400],
  ['/', { query: 'kowalska'.repeat(2_000) }, 400],
  ['/sentiment', { ref: [1, 2], text: ['Mrs wisniewska was great', 'kowalska'] }, 200],
  ['/sentiment', { ref: [1], text: [48261937] }, 400],
  ['/sentiment', { ref: [1], text: ['kowalska'.repeat(2_000)] }, 400],
];

describe('values of hidden inputs', () => {
  const told: string[] = [];
  const folders = { records: server.settings['PREDICTION_LOG_DIR']!, state: server.settings['STATE_DIR']! };

  async function ask(path: string, init?: RequestInit): Promise<Response> {
    const reply = await fetch(server.url + path, init);
    told.push(JSON.stringify([...reply.headers]), await reply.clone().text());
    return reply;
  }

  it.each(CALLS)('are not repeated by %s (call %#)', async (path, body, status, headers = {}) => {
    const sent = typeof body === 'string' && headers === FORM ? body : JSON.stringify(body);
    const json = { 'content-type': 'application/json', ...headers };
    const reply = await ask(path, { method: 'POST', headers: json, body: sent });

    expect(reply.status).toBe(status);
    expect(canariesIn(await reply.text())).toEqual([]);
  });

  it('are hashed or dropped in the records, which say so', () => {
    const records = readRecords(folders.records);
    const inputs = (model: string): unknown[] =>
      records.filter((each) => each.model === model).map((each) => each.inputs);
    const { sales: _, ...kept } = TURNOVER;
    const turnover = {
      ...kept,
      satisfaction_level: hashOf('turnover', 'satisfaction_level', 0.73918264),
    };

    expect(records.find(({ model }) => model === 'turnover')?.['hidden']).toEqual({
      satisfaction_level: 'hash',
      sales: 'drop',
    });
    expect(inputs('turnover')).toEqual(Array.from({ length: 6 }, () => turnover));
    expect(inputs('iris')).toEqual(
      [1, 2].map(() => ({
        sepal_length: hashOf('iris', 'sepal_length', 5.19385271),
        sepal_width: 3.5,
        petal_width: 99,
      })),
    );
    expect(inputs('diabetes')).toMatchObject([{ mass_index: hashOf('diabetes', 'mass_index', 33.61928374) }]);
    expect(inputs('sentiment')).toEqual(
      [1, 2].map(() => ({ text: hashOf('sentiment', 'text', 'Mrs kowalska was boring') })),
    );
    expect(inputs('sentiment-deep')).toEqual([{}, {}]);
  });

  it('are left out of labels and named there, whether they were hashed or dropped', async () => {
    const ids = readRecords(folders.records)
      .filter(({ model }) => model === 'turnover')
      .map((each) => each.prediction_id);
    const feedback = ids.map((prediction_id) => ({ prediction_id, value: 1 }));
    const given = await server.post('/feedback', { feedback });
    expect(await given.json()).toMatchObject({ accepted: 6 });
    const { satisfaction_level: _level, sales: _sales, ...inputs } = TURNOVER;
    const labelled = await (await ask('/models/turnover/labelled')).text();

    expect(
      labelled
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as unknown),
    ).toMatchObject(ids.map(() => ({ inputs, hidden: ['satisfaction_level', 'sales'], label: 1 })));
    expect(labelled).not.toMatch(/hmac-sha256|"sales":/);
  });

  it('stand in no answer, metric, log, record, label or counts of drift', async () => {
    expect((await ask('/?query=Mrs%20kowalska')).status).toBe(200);
    expect((await ask('/?query=kowalska&query=wisniewska')).status).toBe(400);
    const json = { 'content-type': 'application/json' };
    const broken = { method: 'POST', headers: json, body: '{"satisfaction_level": kowalska' };
    expect((await ask('/models/turnover/predict', broken)).status).toBe(400);
    for (const { prediction_id: id } of readRecords(folders.records)) await ask(`/predictions/${id}`);
    for (const path of ['/metrics', '/models/iris/drift', '/models/turnover/quality', '/openapi.json'])
      expect((await ask(path)).status).toBe(200);
    await server.stop();
    const files = Object.values(folders).flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .map((name) => join(folder, name))
        .filter((path) => statSync(path).isFile()),
    );
    const all = [server.stdout, server.stderr, ...told, ...files.map((path) => readFileSync(path, 'latin1'))];

    expect(canariesIn(all.join('\n'))).toEqual([]);
    expect(files.some((path) => readFileSync(path, 'latin1').includes(KEPT))).toBe(true);
    expect(server.stdout).toContain('"route":"/v2/models/iris/predict/"');
  });

  it('are told of by a warning where no model has the input', () => {
    expect(server.stdout).toMatch(/"inputs":\["nobody\.name"\],.*names inputs that no loaded model has/);
  });
});
