// What several calls do together, written by hand: each scenario is a folder of the collection and runs from top to
// bottom. Values go from call to call in collection variables.
const EMPLOYEE = {
  satisfaction_level: 0.38,
  last_evaluation: 0.53,
  number_project: 2,
  average_montly_hours: 157,
  time_spend_company: 3,
  Work_accident: 0,
  promotion_last_5years: 0,
  sales: 'support',
  salary: 'low',
};

const json = { 'content-type': 'application/json' };
const test = (name, ...lines) => [
  `pm.test(${JSON.stringify(name)}, () => {`,
  ...lines.map((line) => `  ${line}`),
  '});',
];

/** The counter of good predictions of turnover, from the text of /metrics. */
const COUNTED = `Number(/^nestor_predictions_total\\{(?=[^}]*model="turnover")(?=[^}]*outcome="ok")[^}]*\\} (\\S+)$/m.exec(pm.response.text())[1])`;

const page = ({ request }, path, type) =>
  request(`GET ${path}`, 'GET', path, {
    tests: test(
      'served in every stage but production',
      `const open = pm.environment.get('stage') !== 'production';`,
      `pm.response.to.have.status(open ? 200 : 404);`,
      `pm.expect(pm.response.headers.get('content-type')).to.include(open ? '${type}' : 'application/problem+json');`,
    ),
  });

export const scenarios = ({ request, problem }) => [
  {
    name: 'Scenario: the published turnover call',
    item: [
      request('One employee', 'POST', '/predict', {
        headers: json,
        body: EMPLOYEE,
        tests: [
          ...test(
            'answers exactly as the API it replaces',
            `pm.expect(pm.response.text()).to.equal('{"prediction":1}');`,
          ),
          ...test(
            'names its record',
            `pm.expect(pm.response.headers.get('x-prediction-id')).to.match(/^[0-9a-f-]{36}$/);`,
          ),
        ],
      }),
      problem('A spelling mistake', 'POST', '/predict', 400, 'invalid_input', {
        headers: json,
        body: { ...EMPLOYEE, salary: 'lowish', 'salary ': 'low' },
        more: test(
          'says where, for every mistake',
          `pm.expect(pm.response.json().errors.map(({ pointer }) => pointer)).to.include.members(['/salary', '/salary ']);`,
          `pm.expect(pm.response.json().error_count).to.equal(2);`,
        ),
      }),
    ],
  },
  {
    name: 'Scenario: the calls of the other published APIs',
    item: [
      request('Sentiment of one text', 'GET', '/?query=that%20movie%20was%20boring', {
        tests: test(
          'a word and P(positive) to three decimals',
          `const { prediction, confidence, ...more } = pm.response.json();`,
          `pm.expect([prediction, more]).to.deep.equal(['Negative', {}]);`,
          `pm.expect(confidence).to.be.within(0, 0.5);`,
          `pm.expect(confidence).to.equal(Math.round(confidence * 1000) / 1000);`,
        ),
      }),
      request(
        'Iris by query parameters',
        'POST',
        '/v2/models/iris-deepaas/predict/?data=5.1&data=3.5&data=1.4&data=0.2',
        {
          tests: test(
            'answers exactly as the API it replaces',
            `pm.expect(pm.response.json()).to.deep.equal({ status: 'OK', predictions: { labels: [0] } });`,
          ),
        },
      ),
      request('Does the sentiment API live?', 'GET', '/apitest', {
        tests: test('in its own words', `pm.expect(pm.response.text()).to.equal('API working');`),
      }),
      request('Sentiment of many texts', 'POST', '/sentiment', {
        headers: json,
        body: { ref: [7], text: ['I am well'] },
        tests: test(
          'a score for each reference',
          `const [{ ref, Sentiment_Score: score }] = pm.response.json();`,
          `pm.expect(ref).to.equal(7);`,
          `pm.expect(score).to.be.within(0, 1);`,
        ),
      }),
      request('Diabetes by a line of numbers', 'POST', '/katana-ml/api/v1.0/diabetes', {
        headers: json,
        body: { data: '1,106,70,28,135,34.2,0.142,22' },
        tests: test('the probability', `pm.expect(pm.response.json().prediction).to.be.within(0.13, 0.14);`),
      }),
    ],
  },
  {
    name: 'Scenario: one request, followed by its id',
    item: [
      request('An id of the caller is kept', 'POST', '/models/turnover/predict', {
        headers: { ...json, 'x-request-id': 'postman-42' },
        body: EMPLOYEE,
        tests: test('same id', `pm.response.to.have.header('x-request-id', 'postman-42');`),
      }),
      request('An unsafe one is replaced', 'POST', '/models/turnover/predict', {
        headers: { ...json, 'x-request-id': 'two words' },
        body: EMPLOYEE,
        tests: test(
          'new id',
          `pm.expect(pm.response.headers.get('x-request-id')).to.match(/^[0-9a-f-]{36}$/);`,
        ),
      }),
    ],
  },
  {
    name: 'Scenario: how long a caller waits',
    item: [
      request('Two seconds', 'POST', '/models/turnover/predict', {
        headers: { ...json, 'x-request-timeout-ms': '2000' },
        body: EMPLOYEE,
        tests: test(
          'answered in time, and says what it took',
          `pm.expect(pm.response.headers.get('server-timing')).to.match(/^queue;dur=[0-9.]+, run;dur=[0-9.]+, record;dur=[0-9.]+, total;dur=[0-9.]+$/);`,
        ),
      }),
      problem('Soon', 'POST', '/models/turnover/predict', 400, 'bad_request', {
        headers: { ...json, 'x-request-timeout-ms': 'soon' },
        body: EMPLOYEE,
      }),
    ],
  },
  {
    name: 'Scenario: champion, version and batch agree',
    item: [
      request('Which version is champion?', 'GET', '/models', {
        tests: test(
          'turnover is ready',
          `const { models } = pm.response.json();`,
          `const turnover = models.find(({ name }) => name === 'turnover');`,
          `pm.expect(turnover.state).to.equal('ready');`,
          `pm.collectionVariables.set('version', turnover.version);`,
        ),
      }),
      request('Champion', 'POST', '/models/turnover/predict', {
        headers: json,
        body: EMPLOYEE,
        tests: test(
          'answers by that version',
          `const { prediction, label, probabilities, version } = pm.response.json();`,
          `pm.expect(version).to.equal(pm.collectionVariables.get('version'));`,
          `pm.collectionVariables.set('answer', JSON.stringify({ prediction, label, probabilities }));`,
        ),
      }),
      request('The version by its number', 'POST', '/models/turnover/versions/{{version}}/predict', {
        headers: json,
        body: EMPLOYEE,
        tests: test(
          'same answer',
          `const { prediction, label, probabilities } = pm.response.json();`,
          `pm.expect(JSON.stringify({ prediction, label, probabilities })).to.equal(pm.collectionVariables.get('answer'));`,
        ),
      }),
      request('Two rows at once, the colon encoded', 'POST', '/v1/models/turnover%3Apredict', {
        headers: json,
        body: { instances: [EMPLOYEE, EMPLOYEE] },
        tests: test(
          'same answer twice, two records',
          `const { predictions } = pm.response.json();`,
          `for (const { prediction, label, probabilities } of predictions) {`,
          `  pm.expect(JSON.stringify({ prediction, label, probabilities })).to.equal(pm.collectionVariables.get('answer'));`,
          `}`,
          `pm.expect(new Set(predictions.map(({ prediction_id }) => prediction_id)).size).to.equal(2);`,
        ),
      }),
      problem(
        'One bad row of two: none is predicted',
        'POST',
        '/v1/models/turnover:predict',
        400,
        'invalid_input',
        {
          headers: json,
          body: { instances: [EMPLOYEE, { ...EMPLOYEE, salary: 'none' }] },
          more: test(
            'names the row',
            `pm.expect(pm.response.json().errors[0].pointer).to.equal('/instances/1/salary');`,
          ),
        },
      ),
    ],
  },
  {
    name: 'Scenario: a legal row unlike the training data',
    item: [
      request('Answers, and warns', 'POST', '/models/turnover/predict', {
        headers: json,
        body: { ...EMPLOYEE, number_project: 40 },
        tests: test(
          'warning points at the field',
          `pm.response.to.have.status(200);`,
          `pm.expect(pm.response.json().warnings).to.have.lengthOf(1);`,
          `pm.expect(pm.response.json().warnings[0]).to.include({ pointer: '/number_project', code: 'outside_training_range' });`,
        ),
      }),
    ],
  },
  {
    name: 'Scenario: what is predicted is counted',
    item: [
      request('Before', 'GET', '/metrics', {
        tests: test('counter', `pm.collectionVariables.set('counted', ${COUNTED});`),
      }),
      request('Three rows', 'POST', '/v1/models/turnover:predict', {
        headers: json,
        body: { instances: [EMPLOYEE, EMPLOYEE, EMPLOYEE] },
        tests: test('answered', `pm.expect(pm.response.json().predictions).to.have.lengthOf(3);`),
      }),
      request('After', 'GET', '/metrics', {
        tests: test(
          'three more, or others called too',
          `pm.expect(${COUNTED}).to.be.at.least(Number(pm.collectionVariables.get('counted')) + 3);`,
        ),
      }),
    ],
  },
  {
    name: 'Scenario: what came true comes back',
    item: [
      request('Predict', 'POST', '/models/iris/predict', {
        headers: json,
        body: { sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 },
        tests: test(
          'with the id of its record',
          `pm.collectionVariables.set('prediction', pm.response.json().prediction_id);`,
        ),
      }),
      request('Say what came true', 'POST', '/feedback', {
        headers: json,
        body: { prediction_id: '{{prediction}}', value: 0 },
        tests: test(
          'it is taken',
          `pm.expect(pm.response.json()).to.deep.equal({ accepted: 1, replaced: 0, unchanged: 0, rejected: [] });`,
        ),
      }),
      request('Say it again, as a table', 'POST', '/feedback', {
        headers: { 'content-type': 'text/csv' },
        body: 'prediction_id,value\n{{prediction}},0\n',
        tests: test('nothing has changed', `pm.expect(pm.response.json().unchanged).to.equal(1);`),
      }),
      request('Something that is no class', 'POST', '/feedback', {
        headers: json,
        body: { prediction_id: '{{prediction}}', value: 'setosa' },
        tests: test(
          'is rejected with its mend',
          `const [{ index, code, detail }] = pm.response.json().rejected;`,
          `pm.expect([index, code]).to.deep.equal([0, 'not_a_class']);`,
          `pm.expect(detail).to.include('the value of that class, 0');`,
        ),
      }),
      request('Find the prediction', 'GET', '/predictions/{{prediction}}', {
        tests: test(
          'as it was recorded',
          `pm.expect(pm.response.json()).to.include({ model: 'iris', version: '1' });`,
        ),
      }),
      request('What the next training learns', 'GET', '/models/iris/labelled', {
        tests: test(
          'has it',
          `pm.expect(pm.response.headers.get('content-type')).to.include('application/x-ndjson');`,
          `pm.expect(pm.response.text()).to.include(pm.collectionVariables.get('prediction'));`,
        ),
      }),
      request('How right is it?', 'GET', '/models/iris/quality', {
        tests: test('measured', `pm.expect(pm.response.json().measured.rows).to.be.at.least(1);`),
      }),
    ],
  },
  {
    name: 'Scenario: a training is asked for, claimed and cancelled',
    item: [
      request('Ask for it', 'POST', '/models/turnover/train', {
        headers: { ...json, 'idempotency-key': '{{$guid}}' },
        body: { arguments: {} },
        tests: test(
          'it waits',
          `pm.response.to.have.status(202);`,
          `pm.expect(pm.response.json()).to.include({ model: 'turnover', state: 'queued', attempt: 0 });`,
        ),
      }),
      request('Which wait?', 'GET', '/jobs?model=turnover&state=queued', {
        tests: test('at least this one', `pm.expect(pm.response.json().jobs).to.not.be.empty;`),
      }),
      request('A runner claims the first', 'POST', '/runners/claim', {
        headers: json,
        body: {
          runner: 'postman',
          models: { turnover: { type: 'object', properties: {}, additionalProperties: false } },
        },
        tests: test(
          'with a lease',
          `const { job, lease } = pm.response.json();`,
          `pm.expect(job.state).to.equal('running');`,
          `pm.collectionVariables.set('job', job.id);`,
          `pm.collectionVariables.set('token', lease.token);`,
        ),
      }),
      request('It reports', 'POST', '/jobs/{{job}}/heartbeat', {
        headers: json,
        body: { token: '{{token}}', stage: 'fit', progress: 0.5, log: ['halfway'] },
        tests: test('and goes on', `pm.expect(pm.response.json()).to.deep.equal({ cancel: false });`),
      }),
      request('How far is it?', 'GET', '/jobs/{{job}}', {
        tests: test('halfway', `pm.expect(pm.response.json()).to.include({ stage: 'fit', progress: 0.5 });`),
      }),
      request('Cancel it', 'DELETE', '/jobs/{{job}}', {
        tests: test('its runner hears of it', `pm.expect(pm.response.json().cancelled).to.equal(true);`),
      }),
      request('The runner ends it', 'POST', '/jobs/{{job}}/result', {
        headers: json,
        body: { token: '{{token}}', state: 'cancelled' },
        tests: test('cancelled', `pm.expect(pm.response.json().state).to.equal('cancelled');`),
      }),
      problem('Nothing was compared', 'GET', '/models/turnover/versions/1/gate', 404, 'gate_not_found'),
      request('What became of it, as events', 'GET', '/jobs/{{job}}/events', {
        tests: test(
          'the last one',
          `pm.expect(pm.response.headers.get('content-type')).to.include('text/event-stream');`,
          `pm.expect(pm.response.text()).to.include('"state":"cancelled"');`,
        ),
      }),
    ],
  },
  {
    name: 'Scenario: a training by the DEEPaaS API',
    item: [
      request('Ask for it', 'POST', '/v2/models/turnover/train/?note=a%20stray', {
        tests: test(
          'it says that it runs, and where it stands',
          `const { uuid, status } = pm.response.json();`,
          `pm.response.to.have.status(200);`,
          `pm.expect(status).to.equal('running');`,
          `pm.expect(pm.response.headers.get('location')).to.equal('./' + uuid);`,
          `pm.collectionVariables.set('uuid', uuid);`,
        ),
      }),
      request('Which are there?', 'GET', '/v2/models/turnover/train/', {
        tests: test(
          'this one is the last',
          `pm.expect(pm.response.json().at(-1).uuid).to.equal(pm.collectionVariables.get('uuid'));`,
        ),
      }),
      request('How is it?', 'GET', '/v2/models/turnover/train/{{uuid}}', {
        tests: test('it runs', `pm.expect(pm.response.json().status).to.equal('running');`),
      }),
      request('Cancel it', 'DELETE', '/v2/models/turnover/train/{{uuid}}', {
        tests: test('at once', `pm.expect(pm.response.json().status).to.equal('cancelled');`),
      }),
    ],
  },
  {
    name: 'Scenario: the pages for people',
    item: [
      page({ request }, '/docs', 'text/html'),
      page({ request }, '/redoc', 'text/html'),
      page({ request }, '/openapi.json', 'application/json'),
      page({ request }, '/guides/developer', 'text/html'),
      problem('No such page', 'GET', '/no/such/page', 404, 'route_not_found'),
    ],
  },
];
