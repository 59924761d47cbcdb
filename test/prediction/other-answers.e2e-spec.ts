import { copyTurnover } from '../support/artifacts.js';
import { createTestApp } from '../support/create-app.js';
import { metric } from '../support/metrics.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

const root = temporaryFolder();
const classes = [
  { value: 0, label: 'stays' },
  { value: 1, label: 'leaves' },
];
const decision = { kind: 'margin', output: 'raw_score' } as const;

copyTurnover({ root, name: 'margin' })
  .editManifest((manifest) => Object.assign(manifest, { decision, tolerance: { raw: 0 } }))
  .editSamples((samples) => samples.forEach((sample) => delete sample['probabilities']));
copyTurnover({ root, name: 'targets' })
  .editManifest((manifest) => {
    Object.assign(manifest, { decision, tolerance: { raw: 0 }, targets: [{ name: 'job', classes }] });
    delete manifest.classes;
  })
  .editSamples((samples) =>
    samples.forEach((sample) => {
      delete sample['probabilities'];
      sample['label'] = [sample['label']];
    }),
  );
const app = await createTestApp({ ARTIFACTS_DIR: root });

/** What the routes of a model answer beside the outcome. */
const rest = (model: string): object => ({ prediction_id: expect.any(String), model, version: '1' });

describe.each([
  ['margin', { prediction: 1, label: 'leaves' }, {}, 0],
  ['targets', { prediction: { job: 1 }, label: { job: 'leaves' } }, { target: 'job' }, undefined],
])('a model that answers %s', (model, outcome, target, least) => {
  it('gives its answer by every route of its own, and records it', async () => {
    const before = app.records().length;
    const one = await app.post(`/models/${model}/predict`, TURNOVER_ROW);
    const many = await app.post(`/v1/models/${model}:predict`, { instances: [TURNOVER_ROW, TURNOVER_ROW] });

    const whole = { ...outcome, ...rest(model) };
    expect(one.body).toEqual(whole);
    expect(many.body).toEqual({ predictions: [whole, whole] });
    expect(
      app
        .records()
        .slice(before)
        .map(({ outputs }) => outputs),
    ).toEqual([outcome, outcome, outcome]);
  });

  it('counts its classes, and watches its score where it has one', async () => {
    await app.post(`/models/${model}/predict`, TURNOVER_ROW);
    const { text } = await app.get('/metrics');

    const names = { model, version: '1', ...target };
    expect(metric(text, 'nestor_prediction_class_total', { ...names, class: 'leaves' })).toBeGreaterThan(0);
    expect(metric(text, 'nestor_prediction_class_total', { ...names, class: 'stays' })).toBe(0);
    const scored = text.includes(`nestor_prediction_score_count{model="${model}",version="1"}`);
    expect(scored).toBe(least !== undefined);
  });

  it('is documented with an example that is its answer', async () => {
    interface Documented {
      paths: Record<
        string,
        { post: { responses: Record<string, { content: Record<string, { example: object }> }> } }
      >;
    }
    const { paths } = (await app.get('/openapi.json')).body as Documented;
    const { example } =
      paths[`/models/${model}/predict`]!.post.responses['200']!.content['application/json']!;
    const details = (await app.get(`/models/${model}`)).body as Record<string, unknown>;

    expect(Object.keys(example)).toEqual(Object.keys({ ...outcome, ...rest(model) }));
    expect(details['targets']).toEqual(model === 'targets' ? [{ name: 'job', classes }] : undefined);
  });
});
