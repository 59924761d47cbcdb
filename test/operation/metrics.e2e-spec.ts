import { spawnSync } from 'node:child_process';
import { cpuLimit } from '../../src/config/cpu-limit.js';
import { memoryLimit } from '../../src/config/memory-limit.js';
import { MetricsRegistry } from '../../src/observability/metrics-registry.js';
import { createTestApp } from '../support/create-app.js';
import { metric, series } from '../support/metrics.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

const app = await createTestApp();
const read = async (): Promise<string> => (await app.get('/metrics')).text;
const atStart = await read();
const hasPromtool = spawnSync('promtool', ['--version']).status === 0;
const of = (text: string, name: RegExp): string[] => series(text).filter((each) => name.test(each));

/** Every gauge by what becomes of it where several processes serve. */
const GAUGES = {
  first: [
    'nestor_build_info',
    'nestor_cpu_limit_cores',
    'nestor_job_last_end_timestamp_seconds',
    'nestor_job_running_since_timestamp_seconds',
    'nestor_job_waiting_since_timestamp_seconds',
    'nestor_jobs',
    'nestor_memory_limit_bytes',
    'nodejs_version_info',
  ],
  max: [
    'nestor_drift_features',
    'nestor_drift_psi_excess',
    'nestor_drift_status',
    'nestor_feedback_pending',
    'nestor_feedback_unmatched',
    'nestor_model_folder_gone',
    'nestor_model_info',
    'nestor_prediction_log_head_info',
    'nestor_prediction_log_model_refused',
    'nestor_quality_estimated',
    'nestor_quality_holdout',
    'nestor_quality_labels',
    'nestor_quality_measured',
    'nestor_quality_measured_high',
    'nestor_quality_measured_low',
    'nestor_quality_more_errors',
    'nodejs_eventloop_lag_max_seconds',
    'nodejs_eventloop_lag_mean_seconds',
    'nodejs_eventloop_lag_p50_seconds',
    'nodejs_eventloop_lag_p90_seconds',
    'nodejs_eventloop_lag_p99_seconds',
    'nodejs_eventloop_lag_seconds',
    'nodejs_eventloop_lag_stddev_seconds',
    'process_open_fds',
  ],
  min: [
    'nestor_model_compiled',
    'nestor_model_ready',
    'nestor_prediction_log_free_bytes',
    'nestor_prediction_log_size_bytes',
    'nestor_prediction_log_writable',
    'nestor_state_up',
    'nodejs_eventloop_lag_min_seconds',
    'process_max_fds',
    'process_start_time_seconds',
  ],
  sum: [
    'nestor_admission_budget_bytes',
    'nestor_admission_held_bytes',
    'nestor_admission_requests',
    'nestor_model_processes',
    'nestor_model_runs_waiting',
    'nodejs_active_handles',
    'nodejs_active_requests',
    'nodejs_active_resources',
    'nodejs_external_memory_bytes',
    'nodejs_heap_size_total_bytes',
    'nodejs_heap_size_used_bytes',
    'nodejs_heap_space_size_available_bytes',
    'nodejs_heap_space_size_total_bytes',
    'nodejs_heap_space_size_used_bytes',
    'process_heap_bytes',
    'process_resident_memory_bytes',
    'process_virtual_memory_bytes',
  ],
};

describe('GET /metrics', () => {
  it('is the Prometheus text format', async () => {
    const reply = await app.get('/metrics');

    expect(reply.status).toBe(200);
    expect(reply.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
  });

  it.skipIf(!hasPromtool)('passes promtool check metrics (skipped where there is no promtool)', async () => {
    await app.post('/predict', TURNOVER_ROW);
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
      input: await read(),
      encoding: 'utf8',
    });

    expect({ status, said: `${stdout}${stderr}` }).toEqual({ status: 0, said: '' });
  });

  it.each([
    ['nestor_predictions_total', { model: 'turnover', version: '1', outcome: 'ok' }],
    ['nestor_predictions_total', { model: 'turnover', version: '1', outcome: 'invalid' }],
    ['nestor_predictions_total', { model: 'turnover', version: '1', outcome: 'error' }],
    ['nestor_prediction_class_total', { model: 'turnover', version: '1', class: 'leaves' }],
    ['nestor_prediction_class_total', { model: 'turnover', version: '1', class: 'stays' }],
    ['nestor_prediction_log_records_total', { model: 'turnover' }],
    ['nestor_prediction_log_bytes_total', { model: 'turnover' }],
    ['nestor_prediction_log_failures_total', {}],
  ] as [string, Record<string, string>][])('has %s %j at zero from the start', (name, labels) => {
    expect(metric(atStart, name, labels)).toBe(0);
  });

  it('has no histogram of what nobody has used yet', async () => {
    const ofModels = /^nestor_(prediction_score|inference_)/;
    expect(of(atStart, ofModels)).toEqual([]);

    await app.post('/predict', TURNOVER_ROW);
    expect(of(await read(), ofModels).filter((each) => !each.includes('model="turnover"'))).toEqual([]);
    expect(
      of(await read(), /_count\b/)
        .filter((each) => ofModels.test(each))
        .toSorted(),
    ).toEqual([
      'nestor_inference_batch_rows_count{model="turnover"}',
      ...['decode', 'encode', 'queue', 'record', 'run', 'validate'].map(
        (stage) => `nestor_inference_stage_duration_seconds_count{model="turnover",stage="${stage}"}`,
      ),
      'nestor_prediction_score_count{model="turnover",version="1"}',
    ]);
  });

  it.each([
    ['nestor_model_ready', { model: 'turnover' }],
    ['nestor_model_info', { model: 'turnover', version: '1', alias: 'champion', digest: '' }],
    ['nestor_build_info', { stage: 'test', version: '' }],
    ['nestor_prediction_log_writable', {}],
  ] as [string, Record<string, string>][])('has %s at one', (name, labels) => {
    const known = Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ''));

    expect(metric(atStart, name, known)).toBe(1);
    for (const label of Object.keys(labels))
      expect(of(atStart, new RegExp(`^${name}\\{`))[0]).toContain(`${label}="`);
  });

  it('has the limits of the container', () => {
    expect(metric(atStart, 'nestor_cpu_limit_cores')).toBe(cpuLimit());
    expect(metric(atStart, 'nestor_memory_limit_bytes')).toBe(memoryLimit());
  });

  it('counts a prediction, a refusal and a record', async () => {
    await app.post('/predict', TURNOVER_ROW);
    const before = await read();
    await app.post('/predict', TURNOVER_ROW);
    await app.post('/predict', {});
    const after = await read();
    const grown = (name: string, labels: Record<string, string>): number =>
      metric(after, name, labels) - metric(before, name, labels);

    expect(grown('nestor_predictions_total', { model: 'turnover', outcome: 'ok' })).toBe(1);
    expect(grown('nestor_predictions_total', { model: 'turnover', outcome: 'invalid' })).toBe(1);
    expect(grown('nestor_prediction_class_total', { model: 'turnover', class: 'leaves' })).toBe(1);
    expect(grown('nestor_prediction_score_count', { model: 'turnover' })).toBe(1);
    expect(grown('nestor_prediction_log_records_total', { model: 'turnover' })).toBe(1);
    expect(
      metric(after, 'http_server_request_duration_seconds_count', {
        method: 'POST',
        route: '/predict',
        status: '200',
      }),
    ).toBeGreaterThan(0);
  });

  it('has buckets that grow and end in the count', async () => {
    await app.post('/predict', TURNOVER_ROW);
    const text = await read();
    const values = text
      .split('\n')
      .filter((line) => line.startsWith('nestor_inference_batch_rows_bucket') && line.includes('"turnover"'))
      .map((line) => Number(line.split(' ').at(-1)));

    expect(values).toEqual(values.toSorted((a, b) => a - b));
    expect(values.at(-1)).toBe(metric(text, 'nestor_inference_batch_rows_count', { model: 'turnover' }));
  });
});

describe('every gauge of several processes', () => {
  it('is decided: a new one is added here when it is clear what an operator wants of all of them', async () => {
    const families = await app.app.get(MetricsRegistry).families();
    const decided: Record<string, string[]> = {};
    for (const { name, type, aggregator } of families.toSorted((a, b) => a.name.localeCompare(b.name)))
      if (type === 'gauge') (decided[aggregator] ??= []).push(name);

    expect(decided).toEqual(GAUGES);
  });

  it('adds what is counted', async () => {
    const families = await app.app.get(MetricsRegistry).families();
    const counted = families.filter(({ type }) => type !== 'gauge');

    expect(new Set(counted.map(({ aggregator }) => aggregator))).toEqual(new Set(['sum']));
  });
});
