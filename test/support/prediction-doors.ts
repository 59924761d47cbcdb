import type { Answer, TestApp } from './create-app.js';
import { TURNOVER_ROW } from './turnover-row.js';

const FLOWER = '?data=5.1&data=3.5&data=1.4&data=0.2';
const DIABETES = { data: '1,106,70,28,135,34.2,0.142,22' };

/** A call of one row by every door: method, URL and body. */
export const DOORS: readonly (readonly [string, string, unknown])[] = [
  ['POST', '/predict', TURNOVER_ROW],
  ['POST', '/katana-ml/api/v1.0/diabetes', DIABETES],
  ['POST', `/v2/models/iris/predict/${FLOWER}`, undefined],
  ['POST', `/v2/models/iris-deepaas/predict/${FLOWER}`, undefined],
  ['GET', '/?query=a', undefined],
  ['GET', '/', { query: 'a' }],
  ['POST', '/', { query: 'a' }],
  ['POST', '/sentiment', { ref: [1], text: ['a'] }],
  ['POST', '/models/turnover/predict', TURNOVER_ROW],
  ['POST', '/models/turnover/versions/1/predict', TURNOVER_ROW],
  ['POST', '/v1/models/turnover:predict', { instances: [TURNOVER_ROW] }],
  ['POST', '/v1/models/turnover/versions/1:predict', { instances: [TURNOVER_ROW] }],
];

/** Asks by one of them, with `headers` beside. */
export const askBy = (
  app: TestApp,
  [method, url, body]: (typeof DOORS)[number],
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> =>
  body === undefined
    ? app.send(method, url, undefined, headers)
    : app.send(method, url, JSON.stringify(body), { 'content-type': 'application/json', ...headers });
