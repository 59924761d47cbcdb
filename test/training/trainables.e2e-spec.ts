import { InvalidInput } from '../../src/errors/errors.js';
import { SqliteEngine } from '../../src/state/sqlite-engine.js';
import { openState } from '../support/state.js';
import { twoWorkers } from '../support/two-workers.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { Trainables } from '../../src/training/trainables.js';

const schema = (most: number): object => ({
  type: 'object',
  properties: { trees: { type: 'integer', maximum: most } },
  additionalProperties: false,
});

async function overDatabase() {
  const { state } = await openState(new SqliteEngine(temporaryFolder()));
  const writes: unknown[] = [];
  const run = state.run.bind(state);
  vi.spyOn(state, 'run').mockImplementation((name, input) => {
    if (name === 'declareTrainables') writes.push(input);
    return run(name, input);
  });
  const [trainables, ofOther] = twoWorkers().map((worker) => new Trainables(state, worker)) as [
    Trainables,
    Trainables,
  ];
  return { trainables, ofOther, writes };
}

describe(Trainables.name, () => {
  it('compares arguments with the last declaration', async () => {
    const { trainables } = await overDatabase();
    expect(await trainables.check('iris', { trees: 5 })).toBe(false);
    await trainables.declare('r1', { iris: schema(10) });
    expect(await trainables.check('iris', { trees: 10 })).toBe(true);
    await expect(trainables.check('iris', { trees: 11 })).rejects.toThrow(InvalidInput);
    await trainables.declare('r2', { iris: schema(20) });
    expect(await trainables.check('iris', { trees: 11 })).toBe(true);
    expect(await trainables.check('turnover', {})).toBe(false);
  });

  it('writes what is new, and that alone', async () => {
    const { trainables, writes } = await overDatabase();
    const declared = { iris: schema(10), turnover: schema(5) };
    for (let turn = 0; turn < 3; turn++) await trainables.declare('r1', declared);
    await trainables.declare('r1', { ...declared, turnover: schema(6) });
    expect(writes).toEqual([
      {
        trainables: [
          { model: 'iris', schema: JSON.stringify(schema(10)), runner: 'r1' },
          { model: 'turnover', schema: JSON.stringify(schema(5)), runner: 'r1' },
        ],
      },
      { trainables: [{ model: 'turnover', schema: JSON.stringify(schema(6)), runner: 'r1' }] },
    ]);
  });

  it('has what a runner went back to, also where another worker was told in between', async () => {
    const { trainables, ofOther } = await overDatabase();
    await trainables.declare('r1', { iris: schema(10) });
    await ofOther.declare('r1', { iris: schema(20) });
    await trainables.declare('r1', { iris: schema(10) });
    expect(await ofOther.declared('iris')).toEqual(schema(10));
  });
});
