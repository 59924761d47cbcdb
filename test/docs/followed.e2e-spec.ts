import { readFileSync } from 'node:fs';
import { AppConfig } from '../../src/config/app-config.js';
import { MetricsRegistry } from '../../src/observability/metrics-registry.js';
import { MetricsOffice } from '../../src/primary/metrics-office.js';
import { createTestApp, testSettings } from '../support/create-app.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

const app = await createTestApp();
const read = (name: string): string => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
/** The names in the first column of the tables of a text. */
const firstColumn = (text: string): string[] =>
  [...text.matchAll(/^\| (`[^|]+) \|/gm)].flatMap(([, cell]) => cell!.match(/[a-z]\w+/g)!);

describe('the guides for people', () => {
  it('have a row in docs/operator.md for every metric of ours, and for no other', async () => {
    await app.post('/models/turnover/predict', TURNOVER_ROW);
    const { text } = await app.get('/metrics');
    const ofPrimary = new MetricsRegistry(AppConfig.from(testSettings()));
    new MetricsOffice(2, ofPrimary);
    const all = `${text}\n${await ofPrimary.text()}`;
    const served = new Set([...all.matchAll(/^# TYPE ((?:nestor|http)_\w+)/gm)].map(([, name]) => name!));
    const told = firstColumn(read('operator.md')).filter((name) => /^(nestor|http)_/.test(name));

    expect(served.size).toBeGreaterThan(20);
    expect(told.toSorted()).toEqual([...served].toSorted());
  });

  it('have every field of a record in the sample line of docs/auditor.md, in its order, and a row for each', async () => {
    await app.post('/models/turnover/predict', TURNOVER_ROW);
    const guide = read('auditor.md');
    const [, sample] = /^```json\n([^]*?)^```/m.exec(guide)!;
    const fields = Object.keys(app.records()[0]!);

    expect(Object.keys(JSON.parse(sample!) as object)).toEqual(fields);
    expect(firstColumn(/^\| field [^]*?\n\n/m.exec(guide)![0])).toEqual(fields);
  });
});
