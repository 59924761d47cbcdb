import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { copyTurnover } from '../support/artifacts.js';
import { createTestApp } from '../support/create-app.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

describe('an aliases.json that is broken', () => {
  it('refuses its model and no other: not a file', async () => {
    const root = temporaryFolder();
    copyTurnover({ root, name: 'healthy' });
    copyTurnover({ root });
    mkdirSync(join(root, 'turnover', 'aliases.json'));
    const app = await createTestApp({ ARTIFACTS_DIR: root });

    expect((await app.post('/models/healthy/predict', TURNOVER_ROW)).status).toBe(200);
    expect((await app.get('/models/turnover')).text).toContain('aliases.json cannot be read: EISDIR');
  });

  it.each([
    ['{', /aliases\.json is not of the form/],
    ['[]', /aliases\.json is not of the form/],
    ['null', /aliases\.json is not of the form/],
    ['{"champion":1}', /aliases\.json is not of the form/],
    ['{"champion":"../1"}', /aliases\.json is not of the form/],
    ['{"champion":"7"}', undefined],
  ])('refuses its model and no other: %s', async (text, reason) => {
    const root = temporaryFolder();
    copyTurnover({ root, name: 'healthy' });
    copyTurnover({ root });
    writeFileSync(join(root, 'turnover', 'aliases.json'), text);
    const app = await createTestApp({ ARTIFACTS_DIR: root });

    const refused = await app.post('/models/turnover/predict', TURNOVER_ROW);
    expect(refused).toMatchObject({ status: 503, body: { code: 'model_not_ready' } });
    expect((await app.post('/models/healthy/predict', TURNOVER_ROW)).status).toBe(200);
    expect((await app.get('/health/ready')).status).toBe(503);
    const model = await app.get('/models/turnover');
    expect(model.body).toMatchObject({ state: 'refused' });
    if (reason) expect(model.text).toMatch(reason);
  });
});
