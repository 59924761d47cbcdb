import type { FoundText } from '../journal/search-calls.js';
import type { RecordFinder } from '../journal/record-finder.js';
import type { VersionFiles } from '../models/version-files.js';
import { timeOfId } from '../observability/ids.js';
import type { StateDatabase } from '../state/state-database.js';
import type { Given, GivenLabel, GivenValue } from '../state/stored-feedback.js';
import type { FeedbackCounts } from './feedback-metrics.js';
import type { Pair } from './feedback-pairs.js';
import { FeedbackWrites, MOST_CHARACTERS, MOST_VALUES } from './feedback-writes.js';
import { checkedValue } from './label-value.js';

export const REJECTIONS = [
  'malformed_pair',
  'malformed_id',
  'unknown_id',
  'gone',
  'not_a_class',
  'not_a_number',
  'forbidden',
] as const;
export type Rejection = (typeof REJECTIONS)[number];

/** A pair that was not taken, by its place among those of the call. */
export interface RejectedPair {
  readonly index: number;
  readonly code: Rejection;
  readonly detail: string;
}

/** What became of the pairs of a call. */
export interface FeedbackAnswer {
  /** Values of predictions that had none. */
  accepted: number;
  /** Values in the place of others. */
  replaced: number;
  /** Values that were there already. */
  unchanged: number;
  readonly rejected: RejectedPair[];
}

/** So many records are looked for and held at once. */
const SLICE = 1_000;
/** No value of a model is longer; it may wait in the state database before anybody can tell. */
const MOST_VALUE_CHARACTERS = 10_000;

const DETAILS = {
  malformed_pair:
    'must be an object with prediction_id and value, or a row with both columns; a value has at most 10,000 characters',
  malformed_id: 'prediction_id must be one that a prediction was answered with',
  unknown_id: 'no record here has this prediction_id',
  gone: 'its record was erased, or the records of its day were removed',
  forbidden: 'this prediction is of a model that your key is not for',
} as const;

/** Who gives values. */
export interface Giver {
  readonly principal: string | null;
  /** Those whose predictions he may give values for; undefined: all of them. */
  readonly models: ReadonlySet<string> | undefined;
}

/** A pair whose id is well formed. */
interface Wanted {
  readonly index: number;
  readonly id: string;
  readonly pair: Pair;
}

/** Takes what turned out to be true of predictions, and keeps it beside what their records say. */
export class Feedback {
  private readonly knownWrites = new FeedbackWrites<GivenLabel>((values) =>
    this.state.run('putFeedback', { values }),
  );
  private readonly pendingWrites = new FeedbackWrites<GivenValue>((values) =>
    this.state.run('putPending', { values }),
  );
  private trying: Promise<void> | undefined;

  /** @param isShared other servers have the same state database, and records that this one has not */
  constructor(
    private readonly state: StateDatabase,
    private readonly finder: RecordFinder,
    private readonly versions: Pick<VersionFiles, 'manifest'>,
    private readonly counts: FeedbackCounts,
    private readonly isShared: boolean,
  ) {}

  /**
   * Keeps the values of a call, each in its order; one that cannot be taken rejects no other. All is written when this
   * resolves.
   * @param pairs undefined: what was sent in this place is no pair
   * @throws StateUnavailable, SearchBusy: some may have been kept by then, and are unchanged when they come again
   */
  give(pairs: readonly (Pair | undefined)[], giver: Giver): Promise<FeedbackAnswer> {
    return this.finder.enter(async () => {
      const answer: FeedbackAnswer = { accepted: 0, replaced: 0, unchanged: 0, rejected: [] };
      // Before anything is looked for: while the state is away, the caller hears it at once.
      await this.tryState();
      const given = Date.now();
      const versions = new Versions(this.versions);
      for (const slice of slicesOf(this.wellFormed(pairs, answer))) {
        const ids = [...new Set(slice.map(({ id }) => id))];
        const found = await this.finder.find(ids);
        const byId = new Map(ids.map((id, at) => [id, found[at]!]));
        await this.keep(slice, byId, { versions, given, giver }, answer);
      }
      answer.rejected.sort((a, b) => a.index - b.index);
      return answer;
    });
  }

  /** Once for all who ask meanwhile. @throws StateUnavailable */
  private tryState(): Promise<void> {
    const pulse = (): Promise<void> => this.state.run('pulse', { now: Date.now() });
    return (this.trying ??= pulse().finally(() => (this.trying = undefined)));
  }

  /** In the order of their times, so that records are looked for from the first file to the last. */
  private wellFormed(pairs: readonly (Pair | undefined)[], answer: FeedbackAnswer): Wanted[] {
    const wanted: (Wanted & { time: number })[] = [];
    for (const [index, pair] of pairs.entries()) {
      if (pair?.value === undefined || JSON.stringify(pair.value).length > MOST_VALUE_CHARACTERS) {
        this.reject(answer, index, 'malformed_pair', DETAILS.malformed_pair);
        continue;
      }
      const id = String(pair.prediction_id).toLowerCase();
      const time = timeOfId(id);
      if (time === undefined) this.reject(answer, index, 'malformed_id', DETAILS.malformed_id);
      else wanted.push({ index, id, pair, time });
    }
    return wanted.toSorted(
      (a, b) => a.time - b.time || (a.id < b.id ? -1 : a.id > b.id ? 1 : a.index - b.index),
    );
  }

  /** Keeps the pairs of a slice, whose records were looked for. */
  private async keep(
    slice: readonly Wanted[],
    byId: ReadonlyMap<string, FoundText>,
    call: { readonly versions: Versions; readonly given: number; readonly giver: Giver },
    answer: FeedbackAnswer,
  ): Promise<void> {
    const { principal, models } = call.giver;
    const pending: GivenValue[] = [];
    let known: GivenLabel[] = [];
    let characters = 0;
    const putKnown = async (): Promise<void> => {
      if (known.length > 0) this.count(await this.knownWrites.put(known, characters), answer);
      known = [];
      characters = 0;
    };
    for (const { index, id, pair } of slice) {
      const found = byId.get(id)!;
      const value = { prediction_id: id, given: call.given, place: index, principal };
      if (found.outcome === 'found') {
        const checked = await call.versions.label(found.line, pair, models);
        if ('fault' in checked) this.reject(answer, index, checked.fault.code, checked.fault.detail);
        else known.push({ ...value, ...checked.label });
        characters += found.line.length;
      } else if (found.outcome === 'unknown' && this.isShared) {
        pending.push({ ...value, value: waitingText(pair, models) });
      } else {
        const code = found.outcome === 'gone' ? 'gone' : 'unknown_id';
        this.reject(answer, index, code, DETAILS[code]);
      }
      if (known.length >= MOST_VALUES || characters >= MOST_CHARACTERS) await putKnown();
    }
    await putKnown();
    for (let at = 0; at < pending.length; at += MOST_VALUES) {
      const values = pending.slice(at, at + MOST_VALUES);
      this.count(await this.pendingWrites.put(values, 0), answer);
    }
  }

  private count(outcomes: readonly Given[], answer: FeedbackAnswer): void {
    for (const outcome of outcomes) {
      answer[outcome]++;
      this.counts.outcomes[outcome]++;
    }
  }

  private reject(answer: FeedbackAnswer, index: number, code: Rejection, detail: string): void {
    answer.rejected.push({ index, code, detail });
    this.counts.reject(code);
  }
}

type Waiting = ({ readonly text: unknown } | { readonly value: unknown }) & {
  readonly models?: readonly string[];
};

/**
 * Values that wait say whether they stood in a table, and of which models they may be: what they are compared with is not
 * known yet, nor is their giver where their record is.
 */
function waitingText({ value, isText }: Pair, models: Giver['models']): string {
  const said = isText ? { text: value } : { value };
  return JSON.stringify((models === undefined ? said : { ...said, models: [...models] }) satisfies Waiting);
}

/** What was given for a prediction that waited for its record, and the models that its giver may say it of. */
export function waitingPair({ prediction_id, value }: GivenValue): {
  readonly pair: Pair;
  readonly models: Giver['models'];
} {
  const said = JSON.parse(value) as Waiting;
  const pair: Pair =
    'text' in said ? { prediction_id, value: said.text, isText: true } : { prediction_id, value: said.value };
  return { pair, models: said.models && new Set(said.models) };
}

/** The whole of pairs in pieces; those of one prediction stay in one. */
function* slicesOf(wanted: readonly Wanted[]): Generator<Wanted[], void> {
  for (let start = 0; start < wanted.length;) {
    let end = Math.min(start + SLICE, wanted.length);
    while (end < wanted.length && wanted[end]!.id === wanted[end - 1]!.id) end++;
    yield wanted.slice(start, end);
    start = end;
  }
}

/** What is read of the record that a value was given for. */
interface Recorded {
  readonly model: string;
  readonly version: string;
  readonly time: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly hidden?: Readonly<Record<string, 'hash' | 'drop'>>;
  readonly outputs: { readonly prediction?: unknown };
}

type Label = Omit<GivenLabel, 'prediction_id' | 'given' | 'place' | 'principal'>;

/** No training can learn from a hash. */
function without(inputs: Recorded['inputs'], hidden: object): object {
  return Object.fromEntries(Object.entries(inputs).filter(([name]) => !Object.hasOwn(hidden, name)));
}

/** The manifests of the versions that predictions are of, each read once. */
export class Versions {
  private readonly known = new Map<
    string,
    Promise<Awaited<ReturnType<VersionFiles['manifest']>> | undefined>
  >();

  constructor(private readonly files: Pick<VersionFiles, 'manifest'>) {}

  /** What is kept of a pair and the record of its prediction, or why it is not. */
  async label(
    line: string,
    { value, isText }: Pair,
    models: Giver['models'],
  ): Promise<{ label: Label } | { fault: { code: Rejection; detail: string } }> {
    const { model, version, time, inputs, hidden, outputs } = JSON.parse(line) as Recorded;
    if (models?.has(model) === false) return { fault: { code: 'forbidden', detail: DETAILS.forbidden } };
    const manifest = await this.manifest(model, version);
    const checked = checkedValue(manifest, outputs.prediction, value, isText);
    if ('fault' in checked) return checked;
    return {
      label: {
        model,
        version,
        predicted: Date.parse(time),
        inputs: JSON.stringify(hidden === undefined ? inputs : without(inputs, hidden)),
        outputs: JSON.stringify(outputs),
        value: JSON.stringify(checked.value),
      },
    };
  }

  /** Undefined: it is not here any more. */
  private manifest(model: string, version: string): ReturnType<Versions['known']['get']> {
    const key = `${model}/${version}`;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const read = Promise.resolve()
      .then(() => this.files.manifest(model, version))
      .catch(() => undefined);
    this.known.set(key, read);
    return read;
  }
}
