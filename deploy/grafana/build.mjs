// Writes dashboards/*.json, the three dashboards that Grafana is provisioned with.
//   node deploy/grafana/build.mjs            writes them
//   node deploy/grafana/build.mjs --check    fails where a file is not what this script writes
// A panel is one entry below: title, kind, unit, a sentence, and its queries by legend. The rest of Grafana's JSON is
// the same for all of them.
import { readFileSync, writeFileSync } from 'node:fs';

const requests = 'http_server_request_duration_seconds_count{kind="prediction"}';
const answered = 'http_server_request_duration_seconds_bucket{kind="prediction", status=~"2.."}';
const rate = (series) => `rate(${series}[$__rate_interval])`;
const increase = (series) => `increase(${series}[$__rate_interval])`;
const ofModel = (metric, more = '') => `${metric}{model=~"$model"${more}}`;
const meanOf = (metric, by) =>
  `sum by (${by}) (${rate(ofModel(`${metric}_sum`))}) / sum by (${by}) (${rate(ofModel(`${metric}_count`))})`;
const quantile = (q, by, series) => `histogram_quantile(${q}, sum by (${by}) (${rate(series)}))`;

const service = {
  uid: 'nestor-service',
  title: 'Nestor service',
  rows: [
    [
      ['Requests', 'stat', 'reqps', 'Prediction requests per second.', { '': `sum(${rate(requests)})` }],
      [
        'Answered without a server error',
        'stat',
        'percentunit',
        'Share of prediction requests of the last hour; the promise is 99.9 %.',
        { '': '1 - (sum(job:nestor_request_errors:ratio_rate1h) or vector(0))' },
      ],
      [
        'Answered within 50 ms',
        'stat',
        'percentunit',
        'Share of answered prediction requests of the last hour; the promise is 99 %.',
        { '': '1 - sum(job:nestor_requests_slow:ratio_rate1h)' },
      ],
      ['Models ready', 'stat', 'none', 'Ready models over all replicas.', { '': 'sum(nestor_model_ready)' }],
      [
        'Alerts',
        'stat',
        'none',
        'Firing alerts; 0 is good.',
        { '': 'count(ALERTS{alertstate="firing"}) or vector(0)' },
      ],
      ['Running', 'table', 'none', 'Version and stage of each replica.', { '': 'nestor_build_info' }],
    ],
    [
      [
        'Rate',
        'lines',
        'reqps',
        'Requests per second by route.',
        { '{{route}}': `sum by (route) (${rate('http_server_request_duration_seconds_count')})` },
      ],
      [
        'Errors',
        'lines',
        'reqps',
        '4xx are for the caller to mend, 5xx for us.',
        {
          '{{status}}': `sum by (status) (${rate('http_server_request_duration_seconds_count{status=~"[45].."}')})`,
          '5xx in all': `sum(${rate('http_server_request_duration_seconds_count{status=~"5.."}')}) or vector(0)`,
        },
      ],
      [
        'Duration',
        'lines',
        's',
        'Time from request to reply of answered predictions.',
        {
          p50: quantile(0.5, 'le', answered),
          p95: quantile(0.95, 'le', answered),
          p99: quantile(0.99, 'le', answered),
        },
      ],
    ],
    [
      [
        'Duration p99 by route',
        'lines',
        's',
        'Which door is slow.',
        { '{{route}}': quantile(0.99, 'le, route', answered) },
      ],
      [
        'Error budget burn',
        'lines',
        'none',
        '1 spends the budget in exactly 30 days; 14.4 for an hour pages.',
        {
          '1 hour': '(sum(job:nestor_request_errors:ratio_rate1h) or vector(0)) / 0.001',
          '6 hours': '(sum(job:nestor_request_errors:ratio_rate6h) or vector(0)) / 0.001',
        },
      ],
      [
        'Event loop',
        'lines',
        's',
        'How long the loop stands still; every request waits for it.',
        {
          'p50 {{instance}}': 'nodejs_eventloop_lag_p50_seconds',
          'p99 {{instance}}': 'nodejs_eventloop_lag_p99_seconds',
        },
      ],
    ],
    [
      [
        'Refused for their key',
        'lines',
        'reqps',
        '401: no key, or one that is not known; 403: one that may not do it.',
        { '{{reason}}': `sum by (reason) (${rate('nestor_auth_failures_total')})` },
      ],
      [
        'Refused for their rate',
        'lines',
        'reqps',
        '429: a key has used up its rate (access lines say which), or an address sends too many unknown keys.',
        { '{{reason}}': `sum by (reason) (${rate('nestor_rate_limited_total')})` },
      ],
      [
        'Refused as overload',
        'lines',
        'reqps',
        '503: too many bytes are held (memory), or too much work waits (wait; late: seen when the body had been read).',
        { '{{reason}}': `sum by (reason) (${rate('nestor_admission_refused_total')})` },
      ],
    ],
    [
      [
        'Processes',
        'lines',
        'none',
        'Those that are alive: workers (WORKERS; without, the server itself), and those in which slow models run.',
        {
          'workers of {{instance}}':
            'sum by (instance) (nestor_worker_up) or sum by (instance) (up{job="nestor"})',
          '{{model}}': 'sum by (model) (nestor_model_processes)',
        },
      ],
      [
        'Processes that ended',
        'lines',
        'none',
        'Without being told to, and were replaced; the application log says how, and nestor_model_process_deaths_total why.',
        {
          workers: `sum(${increase('nestor_worker_restarts_total')}) or vector(0)`,
          '{{model}}': `sum by (model) (${increase('nestor_model_process_deaths_total')})`,
        },
      ],
      [
        'Held for requests',
        'lines',
        'percentunit',
        'Of ADMISSION_BYTES; what does not fit is refused as overload, by the reason memory.',
        { '{{instance}}': 'nestor_admission_held_bytes / nestor_admission_budget_bytes' },
      ],
    ],
    [
      [
        'Processor',
        'lines',
        'none',
        'Cores in use; one process can use little more than one.',
        { '{{instance}}': rate('process_cpu_seconds_total{job="nestor"}') },
      ],
      [
        'Memory',
        'lines',
        'bytes',
        'Resident memory and JavaScript heap.',
        {
          'resident {{instance}}': 'process_resident_memory_bytes{job="nestor"}',
          'heap {{instance}}': 'nodejs_heap_size_used_bytes',
        },
      ],
      [
        'Garbage collection',
        'lines',
        'percentunit',
        'Share of time spent collecting.',
        { '{{kind}}': `sum by (kind) (${rate('nodejs_gc_duration_seconds_sum')})` },
      ],
    ],
    [
      [
        'Prediction log volume',
        'lines',
        'percentunit',
        'Room left; below 10 % a ticket is made, at 0 the service answers 503.',
        { 'free {{instance}}': 'nestor_prediction_log_free_bytes / nestor_prediction_log_size_bytes' },
      ],
      [
        'Prediction log',
        'lines',
        'Bps',
        'Bytes written per second.',
        { '{{model}}': `sum by (model) (${rate('nestor_prediction_log_bytes_total')})` },
      ],
      [
        'Prediction log writable',
        'lines',
        'none',
        '1 = writable.',
        { '{{instance}}': 'nestor_prediction_log_writable' },
      ],
    ],
  ],
};

const model = {
  uid: 'nestor-model',
  title: 'Nestor model',
  variable: { name: 'model', query: 'label_values(nestor_model_info, model)' },
  rows: [
    [
      [
        'Served',
        'table',
        'none',
        'Version, digest and alias of each loaded model.',
        { '': ofModel('nestor_model_info') },
      ],
      ['Ready', 'lines', 'none', '1 = answers.', { '{{model}} {{instance}}': ofModel('nestor_model_ready') }],
    ],
    [
      [
        'Predictions',
        'lines',
        'none',
        'Rows per second by version.',
        {
          '{{model}} {{version}}': `sum by (model, version) (${rate(ofModel('nestor_predictions_total', ', outcome="ok"'))})`,
        },
      ],
      [
        'Failed predictions',
        'lines',
        'none',
        'Rows per second that ended in an error of ours.',
        { '{{model}}': `sum by (model) (${rate(ofModel('nestor_predictions_total', ', outcome="error"'))})` },
      ],
      [
        'Recorded',
        'lines',
        'none',
        'Records per second; a row answered is a row recorded, so this follows Predictions.',
        { '{{model}}': `sum by (model) (${rate(ofModel('nestor_prediction_log_records_total'))})` },
      ],
    ],
    [
      [
        'Predictions by class',
        'stacked',
        'none',
        'Rows per second by answer.',
        {
          '{{model}} {{class}}': `sum by (model, class) (${rate(ofModel('nestor_prediction_class_total'))})`,
        },
      ],
      [
        'Score distribution',
        'heatmap',
        'none',
        'How sure the model is: P of the last class for two classes, else the largest probability.',
        {
          '{{le}}': `sum by (le) (${increase(ofModel('nestor_prediction_score_bucket'))})`,
        },
      ],
      [
        'Mean score',
        'lines',
        'none',
        'A drift shows here first.',
        { '{{model}} {{version}}': meanOf('nestor_prediction_score', 'model, version') },
      ],
    ],
    [
      [
        'Stages',
        'stacked',
        's',
        'Mean time of each step of a prediction.',
        { '{{stage}}': meanOf('nestor_inference_stage_duration_seconds', 'stage') },
      ],
      [
        'Stages p99',
        'lines',
        's',
        'The slow end of each step.',
        {
          '{{stage}}': quantile(0.99, 'le, stage', ofModel('nestor_inference_stage_duration_seconds_bucket')),
        },
      ],
      [
        'Batch size',
        'lines',
        'none',
        'Rows per run of the model; it grows with load.',
        {
          'mean {{model}}': meanOf('nestor_inference_batch_rows', 'model'),
          'p95 {{model}}': quantile(0.95, 'le, model', ofModel('nestor_inference_batch_rows_bucket')),
        },
      ],
    ],
  ],
};

// Every server of one state database says the same of a model.
const once = (metric, by = 'model') => `max by (${by}) (${ofModel(metric)})`;

const watching = {
  uid: 'nestor-drift-and-quality',
  title: 'Nestor drift and quality',
  variable: { name: 'model', query: 'label_values(nestor_model_info, model)' },
  rows: [
    [
      [
        'Drifted',
        'stat',
        'none',
        'Models whose inputs or answers have moved: drift or severe.',
        { '': `count(${once('nestor_drift_status')} >= 3) or vector(0)` },
      ],
      [
        'More errors',
        'stat',
        'none',
        'Models whose labels have more errors than their hold-out had.',
        { '': `sum(${once('nestor_quality_more_errors')})` },
      ],
      [
        'Labels',
        'stat',
        'none',
        'Predictions of champions whose truth has come.',
        { '': `sum(${once('nestor_quality_labels')})` },
      ],
      [
        'Feedback without a record',
        'stat',
        'none',
        'Predictions with a value for which no server has found a record in a day; 0 is good.',
        { '': 'max(nestor_feedback_unmatched)' },
      ],
    ],
    [
      [
        'Drift',
        'lines',
        'none',
        'The worst of each champion: 0 insufficient data, 1 ok, 2 warning, 3 drift, 4 severe. GET /models/<model>/drift names the input.',
        { '{{model}}': once('nestor_drift_status') },
      ],
      [
        'Furthest from the training',
        'lines',
        'none',
        'Population stability index beyond chance of what has moved furthest; 0.1 in two windows is drift, 0.25 in one is severe.',
        { '{{model}}': once('nestor_drift_psi_excess') },
      ],
      [
        'Inputs and answers by status',
        'stacked',
        'none',
        'How many are insufficient data, ok, warning, drift, severe.',
        { '{{status}}': `sum by (status) (${once('nestor_drift_features', 'model, status')})` },
      ],
    ],
    [
      [
        'Measured',
        'lines',
        'none',
        'Accuracy, or mean absolute error of numbers, on the newest labels, beside the hold-out of the training.',
        {
          '{{model}} {{metric}}': once('nestor_quality_measured', 'model, metric'),
          '{{model}} hold-out': once('nestor_quality_holdout', 'model, metric'),
        },
      ],
      [
        'Interval of what was measured',
        'lines',
        'none',
        'The ends of the 95 % interval; a hold-out above both of an accuracy, or below both of an error, is no chance.',
        {
          '{{model}} low': once('nestor_quality_measured_low', 'model, metric'),
          '{{model}} high': once('nestor_quality_measured_high', 'model, metric'),
        },
      ],
      [
        'Estimated',
        'lines',
        'none',
        'The accuracy that the probabilities promise, without labels; it cannot see that an input means something else today.',
        { '{{model}}': once('nestor_quality_estimated', 'model, metric') },
      ],
    ],
    [
      [
        'Labels by model',
        'lines',
        'none',
        'Predictions of the champion whose truth has come.',
        { '{{model}}': once('nestor_quality_labels') },
      ],
      [
        'Feedback',
        'lines',
        'none',
        'Values per second by what they have changed.',
        { '{{outcome}}': `sum by (outcome) (${rate('nestor_feedback_total')})` },
      ],
      [
        'Feedback not taken',
        'lines',
        'none',
        'Values per second that could not be taken, and those that wait for the server that has their record.',
        {
          '{{code}}': `sum by (code) (${rate('nestor_feedback_rejected_total')})`,
          waiting: 'max(nestor_feedback_pending)',
        },
      ],
    ],
  ],
};

const source = { type: 'prometheus', uid: 'prometheus' };

function options(kind, unit) {
  const custom = { fillOpacity: 10, lineWidth: 1, showPoints: 'never' };
  const defaults = { unit, color: { mode: 'palette-classic' } };
  switch (kind) {
    case 'stat':
      return {
        type: 'stat',
        fieldConfig: { defaults, overrides: [] },
        options: { reduceOptions: { calcs: ['lastNotNull'] } },
      };
    case 'table':
      return {
        type: 'table',
        fieldConfig: { defaults: {}, overrides: [] },
        transformations: [
          {
            id: 'organize',
            options: { excludeByName: { Time: true, Value: true, __name__: true, job: true } },
          },
        ],
      };
    case 'heatmap':
      return {
        type: 'heatmap',
        fieldConfig: { defaults: {}, overrides: [] },
        options: { calculate: false, yAxis: { unit }, color: { mode: 'scheme', scheme: 'Blues' } },
      };
    case 'stacked':
      return {
        type: 'timeseries',
        fieldConfig: {
          defaults: { ...defaults, custom: { ...custom, fillOpacity: 40, stacking: { mode: 'normal' } } },
          overrides: [],
        },
      };
    case 'lines':
      return {
        type: 'timeseries',
        fieldConfig: { defaults: { ...defaults, min: 0, custom }, overrides: [] },
      };
    default:
      throw new Error(`no such kind of panel: ${kind}`);
  }
}

function target(kind, [legend, expr], index) {
  const refId = String.fromCharCode(65 + index);
  const instant = kind === 'table' || kind === 'stat';
  const format = { table: 'table', heatmap: 'heatmap' }[kind] ?? 'time_series';
  return {
    refId,
    datasource: source,
    expr,
    legendFormat: legend || '__auto',
    format,
    instant,
    range: !instant,
  };
}

function dashboard({ uid, title, rows, variable }) {
  let id = 0;
  let y = 0;
  const panels = rows.flatMap((row) => {
    const small = row.every(([, kind]) => kind === 'stat' || kind === 'table');
    const [w, h] = [24 / row.length, small ? 5 : 8];
    const made = row.map(([name, kind, unit, description, queries], column) => ({
      id: ++id,
      title: name,
      description,
      datasource: source,
      gridPos: { x: column * w, y, w, h },
      ...options(kind, unit),
      targets: Object.entries(queries).map((query, index) => target(kind, query, index)),
    }));
    y += h;
    return made;
  });
  const list = variable
    ? [
        {
          ...variable,
          label: 'Model',
          type: 'query',
          datasource: source,
          refresh: 2,
          sort: 1,
          multi: true,
          includeAll: true,
          allValue: '.*',
          current: { text: 'All', value: '$__all' },
        },
      ]
    : [];
  return {
    id: null,
    uid,
    title,
    tags: ['nestor'],
    schemaVersion: 39,
    editable: false,
    graphTooltip: 1,
    refresh: '10s',
    time: { from: 'now-1h', to: 'now' },
    timezone: 'utc',
    templating: { list },
    links: [{ type: 'dashboards', title: 'Nestor', tags: ['nestor'], includeVars: false, keepTime: true }],
    panels,
  };
}

let stale = 0;
for (const each of [service, model, watching]) {
  const file = new URL(`dashboards/${each.uid}.json`, import.meta.url);
  const text = `${JSON.stringify(dashboard(each), null, 2)}\n`;
  if (!process.argv.includes('--check')) writeFileSync(file, text);
  else if (readFileSync(file, 'utf8') !== text) {
    console.error(`${file.pathname} is not what deploy/grafana/build.mjs writes: run it`);
    stale++;
  }
}
process.exitCode = stale ? 1 : 0;
