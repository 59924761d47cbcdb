import { createHash } from 'node:crypto';
import { Ajv } from 'ajv';
import { ArtifactFault } from './artifact-fault.js';
import type { ClassSpec, InputSpec, InputValue, Manifest } from './manifest.js';
import { parseJson } from './manifest-schema.js';

/** What is compared with the training: an input's values, the length or the tokens of a text, the score, the class said. */
export type FeatureKind = 'input' | 'text_length' | 'text_tokens' | 'score' | 'class';

/** How many tokens of texts the vocabulary does not have. */
export interface Words {
  /** Of the training texts, of which it was made. */
  readonly unknownShare: number;
  /** Of texts that the training has not seen. */
  readonly holdout?: { readonly tokens: number; readonly unknown: number } | undefined;
}

/** One distribution of the training rows. Its counts stand in a row of cells: the bins, then missing, then unseen. */
export interface Feature {
  /** That of the input, of the target, or of the kind. */
  readonly name: string;
  readonly kind: FeatureKind;
  /** Upper edges of all bins but the last, ascending; of numbers alone. */
  readonly edges?: readonly number[];
  /** The value of each bin; of categories and classes alone. */
  readonly values?: readonly InputValue[];
  /** Training rows by bin. */
  readonly expected: readonly number[];
  /** Training rows whose value was missing. */
  readonly missing: number;
  /** Its first cell. */
  readonly start: number;
  /** Of the tokens of a text, whose two cells are those of all tokens and of those that the vocabulary does not have. */
  readonly words?: Words & { readonly start: number };
}

interface Bins {
  readonly edges: readonly number[];
  readonly counts: readonly number[];
}
interface CategoryBins {
  readonly kind: 'category';
  readonly values: readonly InputValue[];
  readonly counts: readonly number[];
  readonly missing: number;
}
interface TextBins {
  readonly kind: 'text';
  readonly length: Bins;
  readonly tokens?: Bins;
  readonly unknown_share?: number;
  readonly holdout?: { readonly tokens: number; readonly unknown: number };
}
type InputBins = (Bins & { readonly kind: 'numeric'; readonly missing: number }) | CategoryBins | TextBins;
interface AnswerBins {
  readonly score?: Bins;
  readonly classes?: Readonly<Record<string, number>>;
}
interface BaselineFile extends AnswerBins {
  readonly rows: number;
  readonly inputs: Readonly<Record<string, InputBins>>;
  readonly targets?: Readonly<Record<string, AnswerBins>>;
}

const count = { type: 'integer', minimum: 0 };
const counts = { type: 'array', minItems: 1, items: count };
const edges = { type: 'array', items: { type: 'number' } };
const bins = { type: 'object', properties: { edges, counts }, required: ['edges', 'counts'] };
const holdout = {
  type: 'object',
  properties: { tokens: count, unknown: count },
  required: ['tokens', 'unknown'],
};
const inputBins = {
  type: 'object',
  required: ['kind'],
  discriminator: { propertyName: 'kind' },
  oneOf: [
    {
      properties: { kind: { const: 'numeric' }, edges, counts, missing: count },
      required: ['edges', 'counts', 'missing'],
    },
    {
      properties: { kind: { const: 'category' }, values: { type: 'array' }, counts, missing: count },
      required: ['values', 'counts', 'missing'],
    },
    {
      properties: {
        kind: { const: 'text' },
        length: bins,
        tokens: bins,
        unknown_share: { type: 'number' },
        holdout,
      },
      required: ['length'],
    },
  ],
};
const answer = {
  score: bins,
  classes: { type: 'object', additionalProperties: count },
};
// The schema stands above. To check it too, Ajv would compile the schema of schemas at every start.
const ajv = new Ajv({ strictTypes: false, validateSchema: false, meta: false, discriminator: true });
const check = ajv.compile<BaselineFile>({
  type: 'object',
  required: ['rows', 'inputs'],
  properties: {
    schema: { const: 1 },
    rows: count,
    inputs: { type: 'object', additionalProperties: inputBins },
    targets: { type: 'object', additionalProperties: { type: 'object', properties: answer } },
    ...answer,
  },
});

/** What the training rows of a version looked like, and the answers to rows that it has not seen where there were any, as `baseline.json` has it, feature by feature. */
export class Baseline {
  readonly features: readonly Feature[];
  /** Where a window has the sum of how sure its answers were, and of the variance of that; undefined without probabilities. */
  readonly confidence: number | undefined;
  /** How many counts a window has. */
  readonly cells: number;

  private constructor(
    /** Training rows. */
    readonly rows: number,
    /** SHA-256 of the file: counts under another digest are over other bins. */
    readonly digest: string,
    features: readonly Omit<Feature, 'start'>[],
    hasConfidence: boolean,
  ) {
    let cells = 0;
    this.features = features.map((feature) => {
      const start = cells;
      cells += feature.expected.length + MISSING_AND_UNSEEN;
      if (feature.words === undefined) return { ...feature, start };
      const words = { ...feature.words, start: cells };
      cells += ALL_AND_UNKNOWN;
      return { ...feature, words, start };
    });
    this.confidence = hasConfidence ? cells : undefined;
    this.cells = hasConfidence ? cells + SURE_AND_VARIANCE : cells;
  }

  /** @throws ArtifactFault that names what is not as the Python package writes it. */
  static parse(bytes: Buffer, manifest: Manifest): Baseline {
    const file = parseJson(bytes, 'baseline.json');
    if (!check(file)) {
      const [error] = check.errors ?? [];
      throw new ArtifactFault(`baseline.json${error?.instancePath}: ${error?.message}`);
    }
    const digest = createHash('sha256').update(bytes).digest('hex');
    const features = [
      ...manifest.inputs.flatMap((input) => ofInput(input, ownOf(file.inputs, input.name))),
      ...ofAnswers(file, manifest),
    ];
    for (const feature of features) assertWhole(feature);
    const compared = features.filter(({ expected }) => expected.some((rows) => rows > 0));
    return new Baseline(file.rows, digest, compared, tellsProbabilities(manifest));
  }
}

const tellsProbabilities = ({ classes = [], tolerance }: Manifest): boolean =>
  classes.length > 1 && tolerance.probability !== undefined;

const MISSING_AND_UNSEEN = 2;
const ALL_AND_UNKNOWN = 2;
const SURE_AND_VARIANCE = 2;

type Unplaced = Omit<Feature, 'start'>;

/** None of an input that the file does not have. */
function ofInput({ name }: InputSpec, found: InputBins | undefined): Unplaced[] {
  if (found === undefined) return [];
  switch (found.kind) {
    case 'numeric':
      return [{ ...numeric(name, 'input', found), missing: found.missing }];
    case 'category':
      return [{ name, kind: 'input', values: found.values, expected: found.counts, missing: found.missing }];
    default: {
      const { length, tokens, unknown_share: unknownShare, holdout: held } = found;
      const ofLength = numeric(name, 'text_length', length);
      if (tokens === undefined) return [ofLength];
      const ofTokens = numeric(name, 'text_tokens', tokens);
      if (unknownShare === undefined) return [ofLength, ofTokens];
      return [ofLength, { ...ofTokens, words: { unknownShare, holdout: held, start: 0 } }];
    }
  }
}

function ofAnswers({ score, classes, targets = {} }: BaselineFile, manifest: Manifest): Unplaced[] {
  if (manifest.targets !== undefined) {
    return manifest.targets.flatMap(({ name, classes: own }) =>
      ofClasses(name, own, ownOf(targets, name)?.classes),
    );
  }
  const ofScore = score === undefined ? [] : [numeric('score', 'score', score)];
  return [...ofScore, ...ofClasses('class', manifest.classes, classes)];
}

/** Inputs and classes may have the names of what every object has. */
function ownOf<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

/** One class alone tells nothing. */
function ofClasses(
  name: string,
  known: readonly ClassSpec[] = [],
  said: Readonly<Record<string, number>> | undefined,
): Unplaced[] {
  if (said === undefined || known.length < 2) return [];
  const values = known.map(({ label }) => label);
  return [
    { name, kind: 'class', values, expected: values.map((label) => ownOf(said, label) ?? 0), missing: 0 },
  ];
}

const numeric = (name: string, kind: FeatureKind, { edges: of, counts: expected }: Bins): Unplaced => ({
  name,
  kind,
  edges: of,
  expected,
  missing: 0,
});

function assertWhole({ name, edges: of, values, expected }: Unplaced): void {
  const lengths = of === undefined ? values!.length : of.length + 1;
  if (lengths !== expected.length)
    throw new ArtifactFault(`baseline.json: "${name}" has ${expected.length} counts for ${lengths} bins`);
  if (of?.some((edge, index) => index > 0 && edge <= of[index - 1]!))
    throw new ArtifactFault(`baseline.json: the edges of "${name}" do not ascend`);
}
