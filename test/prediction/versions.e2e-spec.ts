import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { copyTurnover } from '../support/artifacts.js';
import { createTestApp } from '../support/create-app.js';
import { prediction, problem } from '../support/shapes.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

/** Three versions of which 2 is champion; without the aliases it is the highest by number, not by text. */
async function serve(aliases?: object): ReturnType<typeof createTestApp> {
  const root = temporaryFolder();
  for (const version of ['1', '2', '10']) copyTurnover({ root, version });
  if (aliases) writeFileSync(join(root, 'turnover', 'aliases.json'), JSON.stringify(aliases));
  return createTestApp({ ARTIFACTS_DIR: root });
}

describe('versions side by side', () => {
  it('answers by the champion, and by a named version', async () => {
    const app = await serve({ champion: '2', challenger: '10' });
    const champion = await app.post('/models/turnover/predict', TURNOVER_ROW);
    const named = await app.post('/models/turnover/versions/10/predict', TURNOVER_ROW);

    expect(champion.body).toEqual(prediction('turnover', ['stays', 'leaves'], '2'));
    expect(named.body).toEqual(prediction('turnover', ['stays', 'leaves'], '10'));
    expect(app.records()).toMatchObject([
      { version: '2', route: '/models/:model/predict' },
      { version: '10', route: '/models/:model/versions/:version/predict' },
    ]);
  });

  it('answers many rows by a named version, and none if one is bad', async () => {
    const app = await serve({ champion: '2' });
    const named = await app.post('/v1/models/turnover/versions/1:predict', {
      instances: [TURNOVER_ROW, { ...TURNOVER_ROW, satisfaction_level: 0.9 }],
    });
    const encoded = await app.post('/v1/models/turnover/versions/1%3Apredict', { instances: [TURNOVER_ROW] });
    const bad = await app.post('/v1/models/turnover/versions/1:predict', {
      instances: [TURNOVER_ROW, { ...TURNOVER_ROW, number_project: 'two' }],
    });

    const one = prediction('turnover', ['stays', 'leaves'], '1');
    expect([named.status, named.body]).toEqual([200, { predictions: [one, one] }]);
    expect([encoded.status, encoded.body]).toEqual([200, { predictions: [one] }]);
    expect(bad.body).toMatchObject({ errors: [{ pointer: '/instances/1/number_project', code: 'type' }] });
    expect(app.records().map(({ version, route }) => [version, route])).toEqual(
      Array.from({ length: 3 }, () => ['1', '/v1/models/:model/versions/:version:predict']),
    );
  });

  it('takes the highest number for champion where no alias says otherwise', async () => {
    const app = await serve();
    const reply = await app.post('/models/turnover/predict', TURNOVER_ROW);

    expect(reply.body).toMatchObject({ version: '10' });
  });

  it.each(['3', '02', '0', 'x', '1e0'])('knows no version %s', async (version) => {
    const app = await serve();
    const reply = await app.post(`/models/turnover/versions/${version}/predict`, TURNOVER_ROW);
    const rows = await app.post(`/v1/models/turnover/versions/${version}:predict`, {
      instances: [TURNOVER_ROW],
    });

    for (const each of [reply, rows])
      expect(each).toMatchObject({ status: 404, body: problem('version_not_found', 404) });
  });
});
