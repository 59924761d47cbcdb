import type { Manifest } from '../artifacts/manifest.js';
import { NONE_HIDDEN } from '../inputs/hidden-inputs.js';
import type { RecordingRules } from '../models/recording-rules.js';
import type { StateDatabase } from '../state/state-database.js';
import type { NewLabel } from '../state/label-operations.js';
import type { Answered } from './answered.js';
import type { HoldoutAccuracy } from './error-watch.js';
import { type MeasuredQuality, qualityOfClasses, qualityOfNumbers } from './measured-quality.js';
import { makesSlices, slicesOf } from './slices.js';

/** The newest so many labels of a version say how it is. */
const MOST_LABELS = 10_000;
/** So many are read at once, which the state database does within its second. */
const PAGE = 200;
/** As long what was measured is told again. */
const FRESH_MS = 10_000;
/** Versions whose quality is remembered. */
const REMEMBERED = 100;

/** A figure that the training had on its own hold-out. */
export interface HoldoutFigure {
  readonly name: string;
  readonly value: number;
  readonly rows: number;
}

/** The primary figure of a version's hold-out; null where its training has told none. */
export function holdoutFigure({ classes, metrics, training }: Manifest): HoldoutFigure | null {
  const name = classes === undefined ? 'mean_absolute_error' : 'accuracy';
  const value = classes === undefined ? metrics['mae'] : metrics['accuracy'];
  const rows = training['holdout_rows'];
  return value === undefined || typeof rows !== 'number' ? null : { name, value, rows };
}

/** Tells how right versions are, from the labels that have come. */
export class Quality {
  private readonly known = new Map<
    string,
    { readonly at: number; readonly found: Promise<MeasuredQuality | null> }
  >();

  constructor(
    private readonly state: StateDatabase,
    private readonly now: () => number = Date.now,
    private readonly rules?: Pick<RecordingRules, 'hidden'>,
  ) {}

  /**
   * Measured on the newest labels of a version; what was found ten seconds ago, or less, is told again.
   * @returns null where no label has come, and for versions with several targets. @throws StateUnavailable
   */
  measured(manifest: Manifest): Promise<MeasuredQuality | null> {
    const key = `${manifest.model}/${manifest.version}`;
    const known = this.known.get(key);
    const now = this.now();
    if (known !== undefined && now - known.at < FRESH_MS) return known.found;
    const found = this.measure(manifest);
    this.known.delete(key);
    this.known.set(key, { at: now, found });
    // What failed is tried again by the next who asks.
    found.catch(() => this.known.delete(key));
    if (this.known.size > REMEMBERED) this.known.delete(this.known.keys().next().value!);
    return found;
  }

  private async measure(manifest: Manifest): Promise<MeasuredQuality | null> {
    if (manifest.targets !== undefined) return null;
    const shown = this.shown(manifest);
    const rows = answered(shown, await this.labels(shown));
    if (rows.length === 0) return null;
    if (manifest.classes === undefined) return qualityOfNumbers(rows);
    return qualityOfClasses(rows, manifest.classes.length, accuracyOf(manifest));
  }

  /** Less the inputs that are hidden: names of slices would tell their values. */
  private shown(manifest: Manifest): Manifest {
    const hidden = this.rules?.hidden(manifest) ?? NONE_HIDDEN;
    return { ...manifest, inputs: manifest.inputs.filter(({ name }) => !hidden.has(name)) };
  }

  /** The newest, in the order in which they were given. */
  private async labels({ model, version, inputs }: Manifest): Promise<Said[]> {
    const found: Said[] = [];
    const needsInputs = inputs.some(makesSlices);
    let [given, id] = [Number.MAX_SAFE_INTEGER, ''];
    while (found.length < MOST_LABELS) {
      const page = await this.state.run('newestLabels', {
        model,
        version,
        needsInputs,
        given,
        id,
        limit: PAGE,
      });
      for (const label of page) found.push(said(label));
      if (page.length < PAGE) break;
      ({ given, prediction_id: id } = page.at(-1)!);
    }
    return found.toReversed();
  }
}

/** What a label says, and what was predicted. */
interface Said {
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly prediction: unknown;
  readonly probabilities: Readonly<Record<string, number>> | undefined;
  readonly truth: unknown;
  readonly time: number;
}

function said({ inputs, outputs, value, given }: NewLabel): Said {
  const { prediction, probabilities } = JSON.parse(outputs) as Pick<Said, 'prediction' | 'probabilities'>;
  return {
    inputs: JSON.parse(inputs) as Said['inputs'],
    prediction,
    probabilities,
    truth: JSON.parse(value) as unknown,
    time: given,
  };
}

/** What cannot be compared with the classes of the version is left out. */
function answered({ classes, inputs }: Manifest, labels: readonly Said[]): Answered[] {
  const slices = slicesOf(
    inputs,
    labels.map((each) => each.inputs),
  );
  const last = classes?.at(-1)?.label;
  const placeOf =
    classes === undefined
      ? (value: unknown) => (typeof value === 'number' ? value : undefined)
      : (value: unknown) => indexOrNone(classes.findIndex((each) => each.value === value));
  return labels.flatMap(({ prediction, probabilities, truth: value, time }, place) => {
    const [predicted, truth] = [placeOf(prediction), placeOf(value)];
    if (predicted === undefined || truth === undefined) return [];
    const score = last === undefined ? null : (probabilities?.[last] ?? null);
    return [{ predicted, truth, score, slices: slices[place]!, time }];
  });
}

const indexOrNone = (index: number): number | undefined => (index === -1 ? undefined : index);

function accuracyOf(manifest: Manifest): HoldoutAccuracy | undefined {
  const figure = holdoutFigure(manifest);
  return figure === null ? undefined : { accuracy: figure.value, rows: figure.rows };
}
