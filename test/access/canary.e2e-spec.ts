import { cpSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ARTIFACTS } from '../support/artifacts.js';
import { createTestApp, type Answer } from '../support/create-app.js';
import { pathOf, routesOf, withKeys } from '../support/keys.js';
import { newKey } from '../../src/access/api-key.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

const { settings, keys } = withKeys({
  good: {},
  restricted: { models: ['iris'], scopes: ['predict', 'runner'] },
});
const logs = temporaryFolder();
const models = temporaryFolder();
cpSync(ARTIFACTS, models, { recursive: true });
const { made: test, routes } = await routesOf(() =>
  createTestApp({ ...settings, ARTIFACTS_DIR: models, LOG_DIR: logs, LOG_LEVEL: 'debug', CORS_ORIGINS: '*' }),
);
const unknown = newKey().key;
/** What must be found nowhere: the secrets of keys that are good, that are not known, and that are spoilt. */
const CANARIES = [...Object.values(keys), unknown].map((key) => key.slice(13));

const answers: Answer[] = [];
async function call(...[method, url, body, headers]: Parameters<typeof test.send>): Promise<Answer> {
  const answer = await test.send(method, url, body, headers);
  answers.push(answer);
  return answer;
}
const bearer = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` });
const VALUES = { model: 'turnover', name: 'turnover', version: '1' };

/** Where a canary stands among these texts, by their names. */
function found(texts: Iterable<readonly [string, string | Buffer]>): string[] {
  return [...texts]
    .filter(([, text]) => CANARIES.some((canary) => text.includes(canary)))
    .map(([name]) => name);
}

/** Every file below a folder, with what is in it. */
function filesOf(folder: string): [string, Buffer][] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => [path, readFileSync(path)]);
}

describe('a key that was used', () => {
  it('stands in no answer, whatever was asked', async () => {
    const JSON_TYPE = { 'content-type': 'application/json' };
    for (const { method, url } of routes.filter((each) => each.method !== 'HEAD')) {
      const path = pathOf(url, VALUES);
      for (const key of [keys.good, keys.restricted, unknown, `${keys.good.slice(0, -1)}~`, `${keys.good} x`])
        await call(method, path, undefined, { ...bearer(key), accept: 'text/html, application/json' });
      if (method === 'POST' || method === 'PUT')
        await call(method, path, '{"', { ...JSON_TYPE, 'x-api-key': keys.good });
      await call(method, `${path}?key=${keys.good}&api_key=${unknown}`, undefined, {
        cookie: `key=${keys.good}`,
        authorization: `Basic ${keys.good}`,
      });
    }
    expect(answers.length).toBeGreaterThan(500);
    expect(new Set(answers.map(({ status }) => status)).size).toBeGreaterThan(6);
    const texts = answers.map(({ text, headers }) => {
      // A caller who is sent on keeps his own query.
      const others = Object.entries(headers).filter(([name]) => name !== 'location');
      return [text.slice(0, 300), text + JSON.stringify(others)] as const;
    });
    expect(found(texts)).toEqual([]);
  });

  it('stands in no record, job, label, metric, line of a log, nor in any other file', async () => {
    const { body } = await call('POST', '/models/turnover/predict', JSON.stringify(TURNOVER_ROW), {
      ...bearer(keys.good),
      'content-type': 'application/json',
    });
    const { prediction_id } = body as { prediction_id: string };
    const post = (url: string, sent: object): Promise<Answer> =>
      call('POST', url, JSON.stringify(sent), { ...bearer(keys.good), 'content-type': 'application/json' });
    expect((await post('/feedback', { prediction_id, value: 0 })).status).toBe(200);
    expect((await post('/models/iris/train', {})).status).toBe(202);
    const record = await call('GET', `/predictions/${prediction_id}`, undefined, bearer(keys.good));
    expect(record.body).toMatchObject({ principal: keys.good.slice(4, 12) });
    const metrics = await call('GET', '/metrics', undefined, bearer(keys.good));
    expect(metrics.text).toContain('nestor_');
    expect(found(answers.map(({ text }) => [text.slice(0, 300), text]))).toEqual([]);

    const { PREDICTION_LOG_DIR = '', STATE_DIR = '' } = test.settings;
    const files = [logs, PREDICTION_LOG_DIR, STATE_DIR].flatMap(filesOf);
    expect(files.map(([path]) => path).join(' ')).toMatch(/nestor\.log.*\.ndjson.*nestor\.sqlite/);
    expect(found(files)).toEqual([]);
    expect(found(filesOf(join(settings['API_KEYS_FILE']!, '..')))).toEqual([]);
    // Were one written, it would be found (control run).
    expect(found([['here', `a line with ${keys.good}`]])).toEqual(['here']);
  });
});
