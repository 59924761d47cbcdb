import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { LocalGraph } from './graph.js';
import { OnnxSession } from './onnx-session.js';
import { TreeCode } from './tree-code.js';
import { readTreeEnsemble, type TreeEnsemble } from './tree-ensemble.js';
import { compileTrees, neighbour } from './tree-proof.js';

const model = (name: string): Buffer =>
  readFileSync(fileURLToPath(new URL(`../../artifacts/${name}/1/model.onnx`, import.meta.url)));

const MODELS = [
  ['turnover', 20, 'FP64'],
  ['diabetes', 8, 'FP32'],
] as const;

/** Numbers that no threshold was made from, of every size, the same at each run. */
function rows(count: number, width: number, precision: 'FP64' | 'FP32'): Float64Array | Float32Array {
  let state = 7;
  const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  const special = [Number.NaN, Infinity, -Infinity, 0, -0, 5e-324, 1e300, -1e-40];
  const data = precision === 'FP64' ? new Float64Array(count * width) : new Float32Array(count * width);
  return data.map(() =>
    random() < 0.05
      ? special[Math.floor(random() * special.length)]!
      : (random() - 0.3) * 10 ** Math.floor(random() * 6 - 2),
  );
}

describe.each(MODELS)('the trees of %s', async (name, width, precision) => {
  const session = OnnxSession.load(model(name), ['features'], ['raw_score']);
  afterAll(() => session.release());
  const samples = { data: rows(64, width, precision), dims: [64, width] };

  it('become code', async () => {
    expect(await compileTrees(model(name), session, () => samples)).toEqual({
      graph: expect.any(TreeCode) as TreeCode,
    });
  });

  it('give the same bits as the runtime', async () => {
    const { graph } = await compileTrees(model(name), session, () => samples);
    for (const count of [1, 2, 128, 5_000]) {
      const tensors = [{ data: rows(count, width, precision), dims: [count, width] }];
      expect(graph!.run(tensors)).toEqual(session.run(tensors));
    }
  });

  it.each<[string, (ensemble: TreeEnsemble) => TreeEnsemble['trees']]>([
    ['a tree less', ({ trees }) => trees.slice(1)],
    ['another order', ({ trees }) => trees.toReversed()],
    [
      'a split one step beside',
      ({ trees }) =>
        trees.map((tree) =>
          typeof tree === 'number' ? tree : { ...tree, split: neighbour(tree.split, 1, precision) },
        ),
    ],
    [
      'a missing value on the other side',
      ({ trees }) =>
        trees.map((tree) =>
          typeof tree === 'number' ? tree : { ...tree, missingIsYes: !tree.missingIsYes },
        ),
    ],
  ])('are not taken with %s', async (_, change) => {
    const ensemble = readTreeEnsemble(model(name))!;
    const other = new TreeCode({ ...ensemble, trees: change(ensemble) });
    const { graph, fault } = await compileTrees(model(name), other, () => samples);
    expect(graph).toBeUndefined();
    expect(fault).toMatch(/the runtime says .*, the compiled trees /);
  });

  it('become code where a split tells missing values from all others', async () => {
    const [threshold] = readTreeEnsemble(model(name))!.splits.values().next().value!;
    const bytes = Buffer.from(model(name));
    const size = precision === 'FP64' ? 8 : 4;
    const write = (value: number): Buffer => {
      const number = Buffer.alloc(size);
      if (size === 8) number.writeDoubleLE(value);
      else number.writeFloatLE(value);
      return number;
    };
    bytes.set(write(Infinity), bytes.indexOf(write(threshold!)));
    const split = OnnxSession.load(bytes, ['features'], ['raw_score']);
    const { graph } = await compileTrees(bytes, split, () => samples);
    const tensors = [{ data: rows(500, width, precision), dims: [500, width] }];
    expect([...readTreeEnsemble(bytes)!.splits.values()].some((all) => all.has(Infinity))).toBe(true);
    expect(graph!.run(tensors)).toEqual(split.run(tensors));
    split.release();
  });

  it('are not taken where the runtime has less columns than they ask for', async () => {
    const narrow = { data: rows(2, 2, precision), dims: [2, 2] };
    expect(await compileTrees(model(name), session, () => narrow)).toEqual({
      fault: expect.stringMatching(/^a tree asks for column \d+ of 2$/) as string,
    });
  });
});

it.each(['iris', 'sentiment', 'sentiment-deep'])('the graph of %s is none of trees', async (name) => {
  const nobody: LocalGraph = { run: () => expect.unreachable(), release: () => undefined };
  expect(await compileTrees(model(name), nobody, () => expect.unreachable())).toEqual({});
});

describe('a graph that is cut or altered', () => {
  const whole = model('diabetes');

  it('is never more than not understood', () => {
    for (let length = 0; length < whole.length; length += 7) {
      expect(readTreeEnsemble(whole.subarray(0, length))).toBeUndefined();
    }
    for (let at = 0; at < whole.length; at += 13) {
      const altered = Buffer.from(whole);
      altered[at] = altered[at]! ^ 0xff;
      expect(() => readTreeEnsemble(altered)).not.toThrow();
    }
  });
});

it('is not read where it is larger than any ensemble that is compiled', () => {
  // Field 6 of a ModelProto, its doc_string, of 4 MiB: it changes nothing of what the graph says.
  const text = [Buffer.of(0x32, 0x80, 0x80, 0x80, 0x02), Buffer.alloc(2 ** 22, ' ')];
  expect(readTreeEnsemble(Buffer.concat([model('diabetes'), ...text]))).toBeUndefined();
  expect(readTreeEnsemble(model('diabetes'))).toBeDefined();
});

describe(neighbour.name, () => {
  it.each([
    [1, 1, 'FP64', 1 + Number.EPSILON],
    [1, -1, 'FP64', 1 - Number.EPSILON / 2],
    [-1, 1, 'FP64', -1 + Number.EPSILON / 2],
    [0, 1, 'FP64', 5e-324],
    [-0, -1, 'FP64', -5e-324],
    [1, 1, 'FP32', 1 + 2 ** -23],
    [-1, -1, 'FP32', -1 - 2 ** -23],
    [0, -1, 'FP32', -(2 ** -149)],
  ] as const)('of %d in direction %d in %s', (value, direction, precision, expected) => {
    expect(neighbour(value, direction, precision)).toBe(expected);
  });
});
