import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exampleWindow } from '../../src/doors/watch/example-drift.js';
import { ModelRegistry } from '../../src/models/model-registry.js';
import { Baseline } from '../../src/artifacts/baseline.js';
import { StateDatabase } from '../../src/state/state-database.js';
import { DriftCounts } from '../../src/watch/drift-counts.js';
import { DriftGauges } from '../../src/watch/drift-gauges.js';
import type { DriftReport } from '../../src/watch/drift-view.js';
import { type ArtifactCopy, ARTIFACTS, copyTurnover } from '../support/artifacts.js';
import { type Answer, createTestApp } from '../support/create-app.js';
import { askedByHours, driftOf, predictRows, type Row } from '../support/drift.js';
import { exampleOf, readDocument } from '../support/documented.js';
import { metric } from '../support/metrics.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

/** Rows that the training has not seen, in two windows of 1,199 and 1,200. */
const ROWS = readFileSync(join(ARTIFACTS, 'turnover', '1', 'holdout.ndjson'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => (JSON.parse(line) as { inputs: Row }).inputs);
const HALVES = [ROWS.slice(0, 1_199), ROWS.slice(1_199)];

const root = temporaryFolder();
cpSync(join(ARTIFACTS, 'diabetes'), join(root, 'diabetes'), { recursive: true });
for (const name of ['turnover', 'turnover-clean', 'turnover-shifted', 'turnover-swapped'])
  copyTurnover({ root, name });
withGaps(copyTurnover({ root, name: 'turnover-gaps' }));
withAnySalary(copyTurnover({ root, name: 'turnover-any-salary' }));
const bare = copyTurnover({ root, name: 'turnover-bare' });
rmSync(join(bare.folder, 'baseline.json'));
bare.seal();
writeFileSync(join(copyTurnover({ root, name: 'turnover-idle' }).folder, '..', 'aliases.json'), '{}');
const app = await createTestApp({ ARTIFACTS_DIR: root });
const flush = (): Promise<void> => app.app.get(DriftCounts, { strict: false }).flush();

/** One in a hundred evaluations is missing in its training. */
function withGaps(copy: ArtifactCopy): void {
  const baseline = JSON.parse(copy.read('baseline.json').toString()) as { inputs: Record<string, object> };
  Object.assign(baseline.inputs['last_evaluation']!, { missing: 96 });
  copy.write('baseline.json', JSON.stringify(baseline));
  copy.editManifest((manifest) => {
    manifest.inputs = manifest.inputs.map((input) =>
      input.name === 'last_evaluation' ? { ...input, nullable: true } : input,
    );
  });
}

/** Any salary is taken: one that the tables do not have gives 0 in every column. */
function withAnySalary(copy: ArtifactCopy): void {
  copy.editManifest((manifest) => {
    const { encoding } = manifest;
    if (!('columns' in encoding)) throw new TypeError('turnover is tabular');
    manifest.inputs = manifest.inputs.map((input) =>
      input.name === 'salary' ? { ...input, open: true, maximum_length: 100 } : input,
    );
    const columns = encoding.columns.map((column) =>
      column.input === 'salary' ? { ...column, unknown: 0 } : column,
    );
    manifest.encoding = { ...encoding, columns };
  });
}

const predict = (model: string, rows: readonly Row[]): Promise<void> => predictRows(app, model, rows);
const report = (model: string): Promise<DriftReport> => driftOf(app, model);

const twoHours = (model: string, change: (row: Row, index: number) => Row): Promise<DriftReport> =>
  askedByHours(
    app,
    model,
    HALVES.map((rows) => rows.map(change)),
  );

const short = ({ windows }: DriftReport) => windows.filter(({ seconds }) => seconds === 3_600);

describe('GET /models/:model/drift', () => {
  it('has nothing to say before anything was asked', async () => {
    const { verdicts, bins, ...rest } = await report('turnover');

    expect(rest).toEqual({
      model: 'turnover',
      version: '1',
      status: 'insufficient_data',
      training_rows: 9_592,
      windows: [],
    });
    expect(verdicts[0]).toEqual({
      name: 'satisfaction_level',
      kind: 'input',
      status: 'insufficient_data',
      found_by: null,
      seconds: null,
      since: null,
    });
    expect(bins[0]).toEqual({
      name: 'satisfaction_level',
      kind: 'input',
      edges: [0.24, 0.43, 0.52, 0.59, 0.66, 0.73, 0.79, 0.86, 0.92],
      values: null,
    });
    expect(bins.at(-1)).toEqual({ name: 'class', kind: 'class', edges: null, values: ['stays', 'leaves'] });
    expect(verdicts.map(({ kind }) => kind)).toEqual([
      ...Array.from({ length: 9 }, () => 'input'),
      'score',
      'class',
    ]);
  });

  it('counts each row of each door once', async () => {
    await app.post('/predict', TURNOVER_ROW);
    await app.post('/models/turnover/predict', TURNOVER_ROW);
    await app.post('/models/turnover/versions/1/predict', TURNOVER_ROW);
    await app.post('/models/turnover/predict', { ...TURNOVER_ROW, salary: 'huge' });
    // More than one run holds, in a lane of its own.
    await predict('turnover', [...ROWS, ...ROWS]);
    await flush();
    const { windows } = await report('turnover');

    const recorded = app.records().filter(({ model }) => model === 'turnover').length;
    expect(recorded).toBe(3 + 2 * ROWS.length);
    expect(windows.map(({ seconds, rows }) => [seconds, rows])).toEqual([
      [3_600, recorded],
      [86_400, recorded],
    ]);
    for (const { observed } of windows[0]!.features)
      expect(observed.reduce((sum, count) => sum + count, 0)).toBe(recorded);
  });

  it('says nothing of rows that are as the training', async () => {
    const clean = await twoHours('turnover-clean', (row) => row);

    expect(short(clean).map(({ rows, closed, status }) => [rows, closed, status])).toEqual([
      [1_200, true, 'ok'],
      [1_199, true, 'ok'],
    ]);
    expect(clean.status).toBe('ok');
    expect(clean.verdicts.every(({ found_by }) => found_by === null)).toBe(true);
  });

  it('finds a number that has shifted', async () => {
    const shifted = await twoHours('turnover-shifted', (row) => ({
      ...row,
      last_evaluation: Math.min(1, Number(row['last_evaluation']) + 0.08),
    }));

    const [first] = shifted.verdicts;
    expect(first).toMatchObject({ name: 'last_evaluation', kind: 'input' });
    expect(['drift', 'severe']).toContain(first!.status);
    expect(first!.since).toBe(short(shifted)[1]!.from);
    expect(short(shifted)[0]!.features[0]!.name).toBe('last_evaluation');
  });

  it('finds a number that comes in another unit in the first window', async () => {
    const swapped = await twoHours('turnover-swapped', (row) => ({
      ...row,
      average_montly_hours: Math.round(Number(row['average_montly_hours']) / 4.3),
    }));

    expect(swapped).toMatchObject({
      status: 'severe',
      verdicts: [
        { name: 'average_montly_hours', status: 'severe' },
        ...Array.from({ length: 10 }, () => ({})),
      ],
    });
    expect(short(swapped)[1]!.features[0]).toMatchObject({ name: 'average_montly_hours', status: 'severe' });
  });

  it('finds that more values are missing', async () => {
    const gaps = await twoHours('turnover-gaps', (row, index) =>
      index % 20 === 0 ? { ...row, last_evaluation: null } : row,
    );

    const [first] = gaps.verdicts;
    expect(first).toMatchObject({
      name: 'last_evaluation',
      status: 'drift',
      found_by: 'missing',
      seconds: 3_600,
    });
    expect(short(gaps)[0]!.features[0]).toMatchObject({
      name: 'last_evaluation',
      missing: 0.05,
      missing_expected: expect.closeTo(0.01, 3),
      missing_status: 'drift',
    });
  });

  it('finds a category that the training did not have', async () => {
    const anySalary = await twoHours('turnover-any-salary', (row, index) =>
      index % 20 === 0 ? { ...row, salary: 'huge' } : row,
    );

    expect(anySalary.verdicts[0]).toMatchObject({ name: 'salary', status: 'drift', found_by: 'unseen' });
    expect(short(anySalary)[0]!.features[0]).toMatchObject({
      name: 'salary',
      unseen: 0.05,
      unseen_expected: 0,
      unseen_status: 'drift',
    });
  });

  it('is a page for a browser that shows what has moved first, with pictures and no script', async () => {
    const page = (model: string): Promise<Answer> =>
      app.send('GET', `/models/${model}/drift`, undefined, { accept: 'text/html' });
    const { headers, text } = await page('turnover-swapped');
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      vary: expect.stringContaining('Accept') as string,
      'x-content-type-options': 'nosniff',
    });
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    for (const said of ['severe drift, found by where its values lie in windows of 1 h', '≤ 138', '1,199'])
      expect(text).toContain(said);
    expect(/<summary>\s*<b>([^<]*)/.exec(text)?.[1]).toBe('average_montly_hours');
    expect((await page('turnover-gaps')).text).toMatch(/found by how many are missing/);
    const pages = [text, (await page('turnover')).text, (await page('turnover-any-salary')).text];
    for (const each of pages) expect(each).not.toMatch(/<script|undefined|NaN|\[object/);
    expect(pages[1]).not.toContain('<svg viewBox');
  });

  it('is a gauge of each model', async () => {
    const before = (await app.get('/metrics')).text;
    await app.app.get(DriftGauges, { strict: false }).look();
    const after = (await app.get('/metrics')).text;

    expect(before).not.toMatch(/^nestor_drift_\w+\{/m);
    expect(metric(after, 'nestor_drift_status', { model: 'turnover-swapped' })).toBe(4);
    expect(metric(after, 'nestor_drift_status', { model: 'turnover-clean' })).toBe(1);
    expect(metric(after, 'nestor_drift_features', { model: 'turnover-gaps', status: 'drift' })).toBe(1);
    expect(metric(after, 'nestor_drift_psi_excess', { model: 'turnover-swapped' })).toBeGreaterThan(0.25);
    expect(metric(after, 'nestor_drift_write_failures_total')).toBe(0);
    for (const model of ['turnover-bare', 'diabetes'])
      expect(after).not.toContain(`nestor_drift_status{model="${model}"}`);
  });

  it('is answered as documented, to the letter', async () => {
    const document = await readDocument(app);
    const { baseline } = app.app.get(ModelRegistry).champion('diabetes');
    const { until: _, counts, ...slot } = exampleWindow(baseline as Baseline);
    await app.app.get(StateDatabase).run('addCounts', {
      by: { writer: 'test', write: 1, at: 1 },
      additions: [
        {
          model: 'diabetes',
          version: '1',
          baseline: (baseline as Baseline).digest,
          slots: [{ ...slot, counts: JSON.parse(counts) as number[] }],
          detectors: { revision: 1, state: '[]', alarms: '{}' },
        },
      ],
      leastRows: 300,
    });
    const { responses } = document.paths['/models/{model}/drift']!['get']!;

    expect((await app.get('/models/diabetes/drift?version=1')).body).toEqual(
      exampleOf(responses['200']?.content?.['application/json']),
    );
  });

  it.each([
    ['/models/nobody/drift', 404, 'model_not_found'],
    ['/models/turnover/drift?version=999', 404, 'version_not_found'],
    ['/models/turnover/drift?version=1&version=2', 400, 'bad_request'],
    ['/models/turnover-bare/drift', 404, 'baseline_not_found'],
    ['/models/turnover-idle/drift', 503, 'model_not_ready'],
  ])('%s is %i %s', async (url, status, code) => {
    expect(await app.get(url)).toMatchObject({ status, body: { code } });
  });
});
