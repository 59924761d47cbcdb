import { copyTurnover } from '../support/artifacts.js';
import { createTestApp } from '../support/create-app.js';
import { prediction } from '../support/shapes.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

const NAMES: Record<string, string> = {
  satisfaction_level: 'sepal length (cm)',
  last_evaluation: 'constructor',
  number_project: 'a/b~c',
  average_montly_hours: 'toString',
  time_spend_company: ' ',
  Work_accident: '"quoted\\" \n <b>',
  promotion_last_5years: '数 🎈',
  sales: 'hasOwnProperty',
  salary: 'x'.repeat(128),
};
const renamed = (row: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [NAMES[name], value as unknown]));

const root = temporaryFolder();
const copy = copyTurnover({ root, name: 'odd' });
copy.editSamples((samples) => {
  for (const sample of samples) sample['input'] = renamed(sample['input'] as object);
});
copy.editManifest((manifest) => {
  manifest.inputs = manifest.inputs.map((input) => ({ ...input, name: NAMES[input.name]! }));
  const { encoding } = manifest;
  if (encoding.encoder !== 'tabular') return;
  const columns = encoding.columns.map((column) => ({ ...column, input: NAMES[column.input]! }));
  manifest.encoding = { encoder: 'tabular', columns };
});
const app = await createTestApp({ ARTIFACTS_DIR: root });
const ROW = renamed(TURNOVER_ROW);

describe('inputs of any name', () => {
  it('are taken, recorded and answered', async () => {
    const reply = await app.post('/models/odd/predict', ROW);

    expect(reply.status, reply.text).toBe(200);
    expect(reply.body).toEqual({ ...prediction('odd', ['stays', 'leaves']), prediction: 1, label: 'leaves' });
    expect(app.records()[0]!.inputs).toEqual(ROW);
  });

  it.each(Object.values(NAMES))('are missed and named by an escaped pointer: %j', async (name) => {
    const { [name]: _, ...rest } = ROW;
    const reply = await app.post('/models/odd/predict', rest);

    expect(reply.status).toBe(400);
    expect((reply.body as { errors: object[] }).errors).toEqual([
      {
        pointer: `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`,
        code: 'required',
        detail: 'is missing',
      },
    ]);
  });

  it('are warned of by an escaped pointer', async () => {
    const reply = await app.post('/models/odd/predict', { ...ROW, 'a/b~c': 50 });

    expect((reply.body as { warnings: object[] }).warnings).toMatchObject([{ pointer: '/a~1b~0c' }]);
  });

  it('stand in the documentation', async () => {
    const { body } = await app.get('/openapi.json');
    const { schemas } = (body as { components: { schemas: Record<string, { properties: object }> } })
      .components;

    expect(Object.keys(schemas['odd.Input']!.properties)).toEqual(Object.values(NAMES));
  });

  it('are refused where one is __proto__', async () => {
    const bad = copyTurnover({ root: temporaryFolder(), name: 'proto' });
    copyTurnover({ root: bad.root });
    bad.editManifest(({ inputs }) => Object.assign(inputs[0]!, { name: '__proto__' }));
    const other = await createTestApp({ ARTIFACTS_DIR: bad.root });

    expect((await other.get('/models/proto')).text).toContain('/inputs/0/name');
  });
});
