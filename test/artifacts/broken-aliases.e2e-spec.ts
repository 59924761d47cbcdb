import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { copyTurnover } from '../support/artifacts.js';
import { createTestApp } from '../support/create-app.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

const setUp = (aliases: (folder: string) => void, ...versions: string[]): string => {
  const root = temporaryFolder();
  for (const version of versions) copyTurnover({ root, version });
  aliases(join(root, 'turnover'));
  return root;
};
const write =
  (file: string, text: string) =>
  (folder: string): void =>
    writeFileSync(join(folder, file), text);

describe('an aliases.json that is broken', () => {
  it.each<[string, (folder: string) => void, RegExp]>([
    [
      'not a file',
      (folder) => mkdirSync(join(folder, 'aliases.json')),
      /aliases\.json cannot be read: EISDIR/,
    ],
    ['{', write('aliases.json', '{'), /aliases\.json is not of the form/],
    ['[]', write('aliases.json', '[]'), /aliases\.json is not of the form/],
    ['null', write('aliases.json', 'null'), /aliases\.json is not of the form/],
    ['{"champion":1}', write('aliases.json', '{"champion":1}'), /aliases\.json is not of the form/],
    ['{"champion":"../1"}', write('aliases.json', '{"champion":"../1"}'), /aliases\.json is not of the form/],
  ])('is told, and the highest version that passes answers: %s', async (_, aliases, reason) => {
    const app = await createTestApp({ ARTIFACTS_DIR: setUp(aliases, '1', '2') });

    expect((await app.post('/models/turnover/predict', TURNOVER_ROW)).body).toMatchObject({ version: '2' });
    expect((await app.get('/models/turnover')).body).toMatchObject({
      state: 'ready',
      aliases: { champion: '2' },
      reason: expect.stringMatching(reason),
    });
  });

  it('leaves the last champion of the history, and every version answers by its number', async () => {
    const line = { time: '2026-01-01T00:00:00.000Z', alias: 'champion', from: null, to: '1' };
    const history = JSON.stringify({ ...line, who: null, reason: null, gate: null });
    const root = setUp(
      (folder) => {
        write('aliases.json', '{"champ')(folder);
        write('history.ndjson', `${history}\n`)(folder);
      },
      '1',
      '2',
    );
    const app = await createTestApp({ ARTIFACTS_DIR: root });

    expect((await app.post('/predict', TURNOVER_ROW)).status).toBe(200);
    expect((await app.post('/models/turnover/predict', TURNOVER_ROW)).body).toMatchObject({ version: '1' });
    expect((await app.post('/models/turnover/versions/2/predict', TURNOVER_ROW)).status).toBe(200);
  });

  it('that names a version which is not there says so by its alias, and the highest answers', async () => {
    const app = await createTestApp({
      ARTIFACTS_DIR: setUp(write('aliases.json', '{"champion":"7"}'), '1', '2'),
    });

    expect((await app.post('/models/turnover/predict', TURNOVER_ROW)).body).toMatchObject({ version: '2' });
    expect((await app.get('/models/turnover')).body).toMatchObject({
      version: '2',
      aliases: { champion: '7' },
    });
  });

  it('that names a version which is refused leaves the model without a champion: nobody guesses one', async () => {
    const root = setUp(write('aliases.json', '{"champion":"2"}'), '1', '2');
    writeFileSync(join(root, 'turnover', '2', 'card.md'), 'changed');
    const app = await createTestApp({ ARTIFACTS_DIR: root });

    expect((await app.post('/models/turnover/predict', TURNOVER_ROW)).body).toMatchObject({
      code: 'model_not_ready',
    });
    expect((await app.post('/models/turnover/versions/1/predict', TURNOVER_ROW)).status).toBe(200);
    expect((await app.get('/health/ready')).status).toBe(503);
  });
});
