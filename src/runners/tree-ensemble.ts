import { Message } from './protobuf.js';

/** A larger one would take more time to compile and prove than it saves. */
const MOST_NODES = 20_000;
/** Such an ensemble takes a third of this; to read more would hold the event loop for nothing. */
const MOST_BYTES = 4_194_304;
/** Numbers of `TensorProto.DataType`, with what reads them. */
const FLOAT = 1;
const UINT8 = 2;
const DOUBLE = 11;

/** Goes to `yes` if `feature <mode> split`, else to `no`; a missing value goes where `missingIsYes` says. */
export interface Split {
  readonly feature: number;
  readonly mode: '<=' | '<' | '>=' | '>';
  readonly split: number;
  readonly missingIsYes: boolean;
  readonly yes: TreeNode;
  readonly no: TreeNode;
}

/** A split, or the weight of a leaf. */
export type TreeNode = Split | number;

/** A sum of trees over one tensor `[rows, width]`, in the precision of that tensor. */
export interface TreeEnsemble {
  readonly trees: readonly TreeNode[];
  readonly precision: 'FP32' | 'FP64';
  /** Name of the output `[rows, 1]`. */
  readonly output: string;
  /** By feature: where its trees split. */
  readonly splits: ReadonlyMap<number, ReadonlySet<number>>;
}

const MODES = ['<=', '<', '>=', '>'] as const;

/**
 * Reads a graph that is one TreeEnsemble (ai.onnx.ml 5) with one sum and nothing behind it.
 * @returns undefined where the graph is anything else, or more than is understood here.
 */
export function readTreeEnsemble(model: Uint8Array): TreeEnsemble | undefined {
  if (model.byteLength > MOST_BYTES) return undefined;
  try {
    return new EnsembleReader(model).read();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

class EnsembleReader {
  private readonly node: Message;
  private readonly attributes: ReadonlyMap<string, Message>;
  private readonly splits = new Map<number, Set<number>>();
  private visited = 0;

  constructor(model: Uint8Array) {
    const whole = new Message(model);
    const [graph] = whole.messages(7);
    demand(graph?.count(1) === 1);
    const [node] = graph.messages(1);
    demand(node !== undefined);
    // No constants, no functions, and the operator of the version that is known here.
    demand(!graph.has(5) && !graph.has(15) && !whole.has(25));
    demand(node.text(4) === 'TreeEnsemble' && node.text(7) === 'ai.onnx.ml');
    demand(whole.messages(8).some((set) => set.text(1) === 'ai.onnx.ml' && set.integer(2) === 5));
    demand(
      same(
        node.texts(1),
        graph.messages(11).map((input) => input.text(1)),
      ),
    );
    demand(
      same(
        node.texts(2),
        graph.messages(12).map((output) => output.text(1)),
      ),
    );
    this.node = node;
    this.attributes = new Map(node.messages(5).map((attribute) => [attribute.text(1), attribute]));
  }

  read(): TreeEnsemble {
    const { attributes } = this;
    const known = [...NUMBERS, ...TENSORS, ...LISTS, 'nodes_hitrates'];
    demand([...attributes.keys()].every((name) => known.includes(name)));
    demand(this.number('n_targets') === 1 && this.number('aggregate_function', 1) === 1);
    demand(this.number('post_transform', 0) === 0);
    demand(this.list('leaf_targetids').every((target) => target === 0));
    const weights = this.tensor('leaf_weights');
    const thresholds = this.tensor('nodes_splits');
    demand(weights.type === thresholds.type && (weights.type === FLOAT || weights.type === DOUBLE));
    demand(thresholds.values.length <= MOST_NODES);
    return {
      trees: this.trees(thresholds.values, weights.values),
      precision: weights.type === DOUBLE ? 'FP64' : 'FP32',
      output: this.node.texts(2)[0]!,
      splits: this.splits,
    };
  }

  private trees(thresholds: readonly number[], weights: readonly number[]): TreeNode[] {
    const lists = Object.fromEntries(LISTS.map((name) => [name, this.list(name)]));
    const modes = this.tensor('nodes_modes').values;
    const leaf = (at: number): number => checked(weights[at]);
    const split = (at: number): Split => {
      demand(++this.visited <= thresholds.length);
      const of = (name: (typeof LISTS)[number]): number => checked(lists[name]![at]);
      const feature = of('nodes_featureids');
      const threshold = thresholds[at]!;
      // A number; an infinite one tells a missing value from all others.
      demand(threshold >= -Infinity);
      const mode = MODES[checked(modes[at])];
      demand(mode !== undefined);
      const splits = this.splits.get(feature) ?? new Set();
      this.splits.set(feature, splits.add(threshold));
      return {
        feature,
        mode,
        split: threshold,
        missingIsYes: (lists['nodes_missing_value_tracks_true']![at] ?? 0) === 1,
        yes: of('nodes_trueleafs') === 1 ? leaf(of('nodes_truenodeids')) : split(of('nodes_truenodeids')),
        no: of('nodes_falseleafs') === 1 ? leaf(of('nodes_falsenodeids')) : split(of('nodes_falsenodeids')),
      };
    };
    return lists['tree_roots']!.map(split);
  }

  private number(name: string, absent?: number): number {
    return checked(this.attributes.get(name)?.integer(3) ?? absent);
  }

  private list(name: string): number[] {
    return this.attributes.get(name)?.integers(8) ?? [];
  }

  /** A tensor attribute with its values as bytes, as every exporter of ours writes it. */
  private tensor(name: string): { type: number; values: number[] } {
    const [tensor] = this.attributes.get(name)?.messages(5) ?? [];
    const type = checked(tensor?.integer(2));
    const raw = tensor?.bytes(9) ?? new Uint8Array();
    const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
    const size = type === DOUBLE ? 8 : type === FLOAT ? 4 : 1;
    demand([FLOAT, DOUBLE, UINT8].includes(type) && raw.length % size === 0);
    const at = (index: number): number => {
      if (type === DOUBLE) return view.getFloat64(index * size, true);
      return type === FLOAT ? view.getFloat32(index * size, true) : view.getUint8(index);
    };
    return { type, values: Array.from({ length: raw.length / size }, (_, index) => at(index)) };
  }
}

const NUMBERS = ['n_targets', 'aggregate_function', 'post_transform'];
const TENSORS = ['leaf_weights', 'nodes_splits', 'nodes_modes'];
const LISTS = [
  'leaf_targetids',
  'nodes_featureids',
  'nodes_missing_value_tracks_true',
  'nodes_trueleafs',
  'nodes_truenodeids',
  'nodes_falseleafs',
  'nodes_falsenodeids',
  'tree_roots',
] as const;

function demand(isKnown: boolean): asserts isKnown {
  if (!isKnown) throw new RangeError('not a graph that is understood here');
}

function checked(value: number | undefined): number {
  demand(Number.isFinite(value));
  return value!;
}

const same = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === 1 && other.length === 1 && one[0] === other[0];
