import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ARTIFACTS } from '../support/artifacts.js';
import { createTestApp } from '../support/create-app.js';
import { askedByHours, type Row } from '../support/drift.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const root = temporaryFolder();
for (const model of ['turnover', 'diabetes', 'sentiment'])
  cpSync(join(ARTIFACTS, model), join(root, model), { recursive: true });
const app = await createTestApp({ ARTIFACTS_DIR: root });

/** What customers write of things that they have bought; of films nothing. */
const OF_WHOM = [
  'the blender',
  'this kettle',
  'my new charger',
  'the vacuum',
  'the usb cable',
  'our toaster',
];
const WHAT = [
  'arrived two weeks late and the box was dented',
  'stopped working after three days so i returned it for a refund',
  'is easy to clean and fits in the dishwasher',
  'does not hold a charge and the battery overheats',
  'was cheaper elsewhere and shipping took a day',
  'came without a manual and the plug does not fit the outlet',
  'has a sturdy handle and the lid closes tightly',
  'leaks from the valve',
  'broke',
];
const AND_SO = [
  '',
  ' , five stars',
  ' , i ordered a replacement from the seller and am still waiting for the delivery',
];
const REVIEWS = [' , ', ' , bought for my daughter , ', ' , sadly , ', ' , and as i said '].flatMap((joint) =>
  OF_WHOM.flatMap((whom) =>
    WHAT.flatMap((what) =>
      AND_SO.map((ending): Row => ({ text: `${whom} ${what}${joint}${ending}`.trim() })),
    ),
  ),
);

/** Rows that the training of a model has held out. */
const heldOut = (model: string): Row[] =>
  readFileSync(join(ARTIFACTS, model, '1', 'holdout.ndjson'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { inputs: Row }).inputs);

/** Every second row, and the others. */
const halves = (rows: readonly Row[]): Row[][] =>
  [0, 1].map((half) => rows.filter((_, index) => index % 2 === half));

/** What the page shows first. */
async function firstOfPage(model: string): Promise<string | undefined> {
  const { text } = await app.get(`/models/${model}/drift`, { accept: 'text/html' });
  return /<details open>\s*<summary>\s*<b>(.*?)<\/b>/.exec(text)?.[1];
}

describe('a replay of real data', () => {
  it('names the hours first where those of one department are longer', async () => {
    const rows = heldOut('turnover').map((row) => {
      const hours = Number(row['average_montly_hours']);
      return row['sales'] === 'sales' ? { ...row, average_montly_hours: hours + 80 } : row;
    });
    const { verdicts } = await askedByHours(app, 'turnover', halves(rows));

    const inputs = verdicts.filter(({ kind }) => kind === 'input');
    expect(inputs[0]).toMatchObject({ name: 'average_montly_hours', status: 'drift' });
    expect(new Set(inputs.slice(1).map(({ status }) => status))).toEqual(new Set(['ok']));
    expect(await firstOfPage('turnover')).toBe('average_montly_hours');
  });

  it('names what is missing more often first, also where the training had too few rows for a verdict', async () => {
    // In these data 0 says that nothing was measured.
    const rows = [...heldOut('diabetes'), ...heldOut('diabetes')];
    const unmeasured = rows.map((row, index) => (index % 3 === 0 ? { ...row, mass_index: 0 } : row));
    const { status, training_rows, verdicts, windows } = await askedByHours(app, 'diabetes', [
      unmeasured,
      unmeasured,
    ]);

    expect([status, training_rows]).toEqual(['insufficient_data', 614]);
    expect(verdicts[0]).toMatchObject({ name: 'mass_index', status: 'insufficient_data' });
    for (const { features } of windows)
      expect(features[0]).toMatchObject({
        name: 'mass_index',
        missing: expect.closeTo(0.347, 3),
        missing_expected: expect.closeTo(0.013, 3),
      });
    expect(await firstOfPage('diabetes')).toBe('mass_index');
  });

  it('tells reviews of products from those of films by their words', async () => {
    const hours = [...halves(heldOut('sentiment')), ...halves(REVIEWS)];
    const { verdicts, windows } = await askedByHours(app, 'sentiment', hours);

    const hourly = windows.filter(({ seconds }) => seconds === 3_600);
    expect(hourly.map(({ status }) => status)).toEqual(['severe', 'severe', 'ok', 'ok']);
    const words = hourly.map(({ features }) => features.find(({ kind }) => kind === 'text_tokens')!);
    expect(words.map(({ unseen_status: status }) => status)).toEqual(['drift', 'ok', 'ok', 'ok']);
    expect(words[0]!.unseen!).toBeGreaterThan(2 * words[0]!.unseen_expected!);
    expect(verdicts[0]).toMatchObject({ name: 'text', status: 'severe', since: hourly[1]!.from });
  });
});
