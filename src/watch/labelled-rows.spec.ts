import type { Manifest } from '../artifacts/manifest.js';
import type { HiddenInputs } from '../inputs/hidden-inputs.js';
import type { StateDatabase } from '../state/state-database.js';
import { LabelledRows } from './labelled-rows.js';

const label = (version: string, inputs: string): object => ({
  prediction_id: `id-${version}`,
  model: 'loan',
  version,
  predicted: 0,
  given: 1,
  inputs,
  outputs: '{}',
  value: '1.50',
});
const state = {
  run: () =>
    Promise.resolve([
      label('1', '{"income":7.0,"term":1}'),
      label('2', '{"income":8,"term":2}'),
      label('3', '{"income":9,"term":3}'),
    ]),
} as unknown as StateDatabase;
const versions = {
  manifest: (_model: string, version: string) =>
    version === '3' ? Promise.reject(new Error('gone')) : Promise.resolve({ version } as Manifest),
};
const rules = {
  hidden: ({ version }: Pick<Manifest, 'version'>): HiddenInputs =>
    new Map(version === '1' ? [] : [['income', 'hash']]),
  hiddenByOperator: (): HiddenInputs => new Map([['term', 'drop']]),
} as unknown as ConstructorParameters<typeof LabelledRows>[2];

describe(LabelledRows.name, () => {
  it('leaves out and names what is hidden now, however it was recorded; all else stays as it was written', async () => {
    const lines: string[] = [];
    for await (const page of await new LabelledRows(state, versions, rules).of('loan', 0)) lines.push(page);
    const rows = lines
      .join('')
      .split('\n')
      .slice(0, -1)
      .map((line) => /"version":"(\d)".*"given":"[^"]*",(.*)}$/.exec(line)?.slice(1));

    expect(rows).toEqual([
      ['1', '"inputs":{"income":7.0,"term":1},"label":1.50'],
      ['2', '"inputs":{"term":2},"hidden":["income"],"label":1.50'],
      ['3', '"inputs":{"income":9},"hidden":["term"],"label":1.50'],
    ]);
  });
});
