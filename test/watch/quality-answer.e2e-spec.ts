import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DriftCounts } from '../../src/watch/drift-counts.js';
import type { EstimatedQuality } from '../../src/watch/estimated-quality.js';
import { QualityGauges } from '../../src/watch/quality-gauges.js';
import { ARTIFACTS } from '../support/artifacts.js';
import { type Answer, createTestApp, type TestApp } from '../support/create-app.js';
import { metric } from '../support/metrics.js';
import { problem } from '../support/shapes.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const HTML = { accept: 'text/html' };
const HOLDOUT = readFileSync(join(ARTIFACTS, 'turnover', '1', 'holdout.ndjson'), 'utf8');

/** Rows of the hold-out that the training of turnover/1 has not seen, with what came true. */
const HELD = HOLDOUT.trim()
  .split('\n')
  .slice(0, 1_000)
  .map((line) => JSON.parse(line) as { inputs: object; target: number });

async function serving(): Promise<{
  app: TestApp;
  quality: (query?: string, headers?: object) => Promise<Answer>;
}> {
  const app = await createTestApp();
  onTestFinished(() => app.close());
  const quality = (query = '', headers = {}): Promise<Answer> =>
    app.send('GET', `/models/turnover/quality${query}`, undefined, headers);
  return { app, quality };
}

describe('the quality of a version', () => {
  it('says what the hold-out had until a label comes, and which model or version there is not', async () => {
    const { app, quality } = await serving();
    const nothing = {
      model: 'turnover',
      version: '1',
      classes: ['stays', 'leaves'],
      holdout: { name: 'accuracy', value: expect.any(Number) as number, rows: expect.any(Number) as number },
      measured: null,
      estimated: null,
    };
    expect((await quality()).body).toEqual(nothing);
    expect((await quality('?version=1')).body).toEqual(nothing);
    expect((await quality('', HTML)).text).toContain('nobody has told what came true');
    expect((await quality('?version=9')).body).toEqual(problem('version_not_found', 404));
    expect((await quality('?version=1&version=2')).body).toEqual(problem('bad_request', 400));
    expect((await app.get('/models/nobody/quality')).body).toEqual(problem('model_not_found', 404));
  });

  it('is none where nobody is champion', async () => {
    const root = temporaryFolder();
    cpSync(join(ARTIFACTS, 'iris'), join(root, 'iris'), { recursive: true });
    writeFileSync(join(root, 'iris', 'aliases.json'), '{}');
    const app = await createTestApp({ ARTIFACTS_DIR: root });
    onTestFinished(() => app.close());
    expect((await app.get('/models/iris/quality')).body).toEqual(problem('model_not_ready', 503));
    expect((await app.get('/models/iris/quality?version=1')).body).toMatchObject({
      version: '1',
      measured: null,
    });
  });

  it('is that of the hold-out where its rows come back with their truth', async () => {
    const { app, quality } = await serving();
    const ids: string[] = [];
    for (let at = 0; at < HELD.length; at += 250) {
      const instances = HELD.slice(at, at + 250).map(({ inputs }) => inputs);
      const { body } = await app.post('/v1/models/turnover:predict', { instances });
      ids.push(
        ...(body as { predictions: { prediction_id: string }[] }).predictions.map(
          (each) => each.prediction_id,
        ),
      );
    }
    const feedback = HELD.map(({ target }, place) => ({ prediction_id: ids[place], value: target }));
    expect((await app.post('/feedback', { feedback })).body).toMatchObject({ accepted: HELD.length });
    await app.app.get(DriftCounts, { strict: false }).flush();

    const { body } = (await quality()) as {
      body: { measured: Record<string, unknown>; holdout: { value: number }; estimated: EstimatedQuality };
    };
    const { measured } = body;
    expect(measured).toMatchObject({
      rows: HELD.length,
      metric: { name: 'accuracy' },
      errors: { status: 'ok', since: null },
    });
    const { value, low, high } = measured['metric'] as Record<'value' | 'low' | 'high', number>;
    expect(low).toBeLessThanOrEqual(body.holdout.value);
    expect(high).toBeGreaterThanOrEqual(body.holdout.value);
    const confusion = measured['confusion'] as number[][];
    expect(confusion.flat().reduce((sum, count) => sum + count, 0)).toBe(HELD.length);
    expect((confusion[0]![0]! + confusion[1]![1]!) / HELD.length).toBe(value);
    // Its probabilities are true on rows that it has not seen, or nearly so.
    expect(body.estimated).toMatchObject({ rows: HELD.length, metric: { name: 'accuracy' } });
    expect(Math.abs(body.estimated.metric.value - value)).toBeLessThan(0.02);
    const names = (measured['slices'] as { name: string }[]).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['salary = low', 'sales = sales']));

    await app.app.get(QualityGauges, { strict: false }).look();
    const { text } = await app.get('/metrics');
    const shown = (name: string) => metric(text, `nestor_quality_${name}`, { model: 'turnover' });
    expect(shown('labels')).toBe(HELD.length);
    expect([shown('measured'), shown('measured_low'), shown('measured_high')]).toEqual([value, low, high]);
    expect(shown('holdout')).toBe(body.holdout.value);
    expect(shown('estimated')).toBe(body.estimated.metric.value);
    expect(text).toContain('nestor_quality_measured{model="turnover",metric="accuracy"}');

    const page = await quality('', HTML);
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      vary: expect.stringContaining('Accept') as string,
    });
    for (const said of [
      'turnover, version 1: quality',
      'On the newest 1,000 predictions',
      'salary = low',
      'Calibration',
    ])
      expect(page.text).toContain(said);
    expect(page.text).not.toMatch(/<script|undefined|NaN/);
  });
});
