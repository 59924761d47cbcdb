import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { startServer } from '../support/server.js';

const run = promisify(execFile);
const PYTHON = 'python/.venv/bin/python';
const server = await startServer();

const TURNOVER =
  '{"satisfaction_level":0.38,"last_evaluation":0.53,"number_project":2,"average_montly_hours":157,' +
  '"time_spend_company":3,"Work_accident":0,"promotion_last_5years":0,"sales":"support","salary":"low"}';
const JSON_HEADER = ['-H', 'Content-Type: application/json'];
const IRIS = '?data=5.1&data=3.5&data=1.4&data=0.2';
const LABELS = '{"status":"OK","predictions":{"labels":[0]}}';
const SENTIMENT = /^\{"prediction":"Negative","confidence":0\.\d{1,3}\}$/;
const SCORE = /^\[\{"ref":1,"Sentiment_Score":0\.\d+\}\]$/;
const DIABETES = /^\{"prediction":0\.13\d+\}$/;

describe('the published calls, as curl sends them to dist/', () => {
  it.each<[string, string, string[], string | RegExp]>([
    ['turnover', '/predict', [...JSON_HEADER, '-d', TURNOVER], '{"prediction":1}'],
    ['sentiment in the URL', '/?query=that%20movie%20was%20boring', [], SENTIMENT],
    ['sentiment in the body of a GET', '/', ['-X', 'GET', '-d', 'query=that movie was boring'], SENTIMENT],
    ['apitest', '/apitest', [], 'API working'],
    ['sentiment-deep', '/sentiment', [...JSON_HEADER, '-d', '{"ref":[1],"text":["I am well"]}'], SCORE],
    [
      'diabetes',
      '/katana-ml/api/v1.0/diabetes',
      [...JSON_HEADER, '-d', '{"data":"1,106,70,28,135,34.2,0.142,22"}'],
      DIABETES,
    ],
    ['iris', `/v2/models/iris/predict/${IRIS}`, ['-X', 'POST'], LABELS],
    ['iris by its published name', `/v2/models/iris-deepaas/predict/${IRIS}`, ['-X', 'POST'], LABELS],
  ])('%s', async (_, path, flags, expected) => {
    const { stdout } = await run('curl', ['-sS', ...flags, server.url + path]);
    expect(stdout).toEqual(typeof expected === 'string' ? expected : expect.stringMatching(expected));
  });
});

const PROGRAM = `
import json, sys, requests
url = sys.argv[1]
iris = [("data", v) for v in (5.1, 3.5, 1.4, 0.2)]
document = {"ref": [1], "text": ["I am well"]}
replies = [
    requests.post(url + "/predict", json=json.loads(sys.argv[2])),
    requests.get(url + "/", params={"query": "that movie was boring"}),
    requests.get(url + "/", data={"query": "that movie was boring"}),
    requests.get(url + "/apitest"),
    requests.post(url + "/sentiment", json=document),
    requests.post(url + "/sentiment", json=json.dumps(document)),
    requests.post(url + "/katana-ml/api/v1.0/diabetes", json={"data": "1,106,70,28,135,34.2,0.142,22"}),
    requests.post(url + "/v2/models/iris/predict/", params=iris),
    requests.post(url + "/v2/models/iris-deepaas/predict/", params=iris),
]
print(json.dumps([[reply.status_code, reply.text] for reply in replies]))
`;

describe('the published calls, as Python requests sends them to dist/', () => {
  it.skipIf(!existsSync(PYTHON))(
    `all of them (needs ${PYTHON}, which sh python/setup.sh makes)`,
    async () => {
      const { stdout } = await run(PYTHON, ['-c', PROGRAM, server.url, TURNOVER]);
      expect(JSON.parse(stdout)).toEqual([
        [200, '{"prediction":1}'],
        [200, expect.stringMatching(SENTIMENT)],
        [200, expect.stringMatching(SENTIMENT)],
        [200, 'API working'],
        [200, expect.stringMatching(SCORE)],
        [200, expect.stringMatching(SCORE)],
        [200, expect.stringMatching(DIABETES)],
        [200, LABELS],
        [200, LABELS],
      ]);
    },
  );
});
