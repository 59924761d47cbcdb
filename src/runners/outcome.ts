import type { ClassSpec } from '../artifacts/manifest.js';

type Answer = ClassSpec['value'];
type ByName<T> = Readonly<Record<string, T>>;

/**
 * What the model says of one row: what the estimator's `predict` says, its name where there are classes, and what else
 * the model tells of it. Of several targets the first three are objects, by the name of the target.
 */
export interface Outcome {
  readonly prediction: Answer | ByName<Answer>;
  readonly label?: string | ByName<string>;
  readonly probabilities?: ByName<number> | ByName<ByName<number>>;
  readonly distances?: ByName<number>;
  readonly anomaly?: boolean;
  readonly score?: number;
  readonly threshold?: number;
}

/** What an outcome is made of: finite numbers. */
export interface Decided {
  /** Index of the class in the manifest; -1 for a regression and for several targets. */
  readonly classIndex: number;
  /** Raw scores, the value of a regression, the score of an anomaly, or distances. */
  readonly raw: readonly number[];
  /** In the order of the classes. */
  readonly probabilities: readonly number[];
  /** What was decided of each of several targets; numbers above are theirs, one after another. */
  readonly targets?: readonly Decided[] | undefined;
}

/** The two forms of an outcome: every record needs the text, and few doors the object. */
export interface Outcomes {
  of(decided: Decided): Outcome;
  /** The prediction of that object alone, for doors that answer nothing else. */
  prediction(decided: Decided): Outcome['prediction'];
  /** What `JSON.stringify` writes of the object, less its last brace: record and answer go on from there. */
  openText(decided: Decided): string;
  /** The one number that is watched; undefined where there is none. */
  score(decided: Decided): number | undefined;
}

export const valueOutcomes: Outcomes = {
  of: ({ raw }) => ({ prediction: raw[0]! }),
  prediction: ({ raw }) => raw[0]!,
  openText: ({ raw }) => `{"prediction":${raw[0]}`,
  score: ({ raw }) => raw[0]!,
};

/** Outcomes of a classification without probabilities; a margin has raw scores. */
export class LabelOutcomes implements Outcomes {
  private readonly texts: readonly string[];

  constructor(private readonly classes: readonly ClassSpec[]) {
    this.texts = classes.map(openLabel);
  }

  of({ classIndex }: Decided): Outcome {
    const { value, label } = this.classes[classIndex]!;
    return { prediction: value, label };
  }

  prediction({ classIndex }: Decided): Answer {
    return this.classes[classIndex]!.value;
  }

  openText({ classIndex }: Decided): string {
    return this.texts[classIndex]!;
  }

  score({ raw }: Decided): number | undefined {
    return raw.length === 0 ? undefined : Math.max(...raw);
  }
}

/** Outcomes of a classification. The text is joined from pieces that are made when the model is loaded. */
export class ClassOutcomes implements Outcomes {
  /** By class: all before the first probability. */
  private readonly heads: readonly string[];
  private readonly shares: NumbersByLabel;

  constructor(private readonly classes: readonly ClassSpec[]) {
    this.heads = classes.map((each) => `${openLabel(each)},"probabilities":{`);
    this.shares = new NumbersByLabel(classes);
  }

  of({ classIndex, probabilities }: Decided): Outcome {
    const { value, label } = this.classes[classIndex]!;
    return { prediction: value, label, probabilities: this.shares.of(probabilities) };
  }

  prediction({ classIndex }: Decided): Answer {
    return this.classes[classIndex]!.value;
  }

  openText({ classIndex, probabilities }: Decided): string {
    return this.shares.append(this.heads[classIndex]!, probabilities);
  }

  score({ probabilities }: Decided): number {
    return probabilities.length === 2 ? probabilities[1]! : Math.max(...probabilities);
  }
}

/** Outcomes of a clustering that tells how far the row is from each cluster. */
export class ClusterOutcomes implements Outcomes {
  private readonly heads: readonly string[];
  private readonly distances: NumbersByLabel;

  constructor(private readonly clusters: readonly ClassSpec[]) {
    this.heads = clusters.map((each) => `${openLabel(each)},"distances":{`);
    this.distances = new NumbersByLabel(clusters);
  }

  of({ classIndex, raw }: Decided): Outcome {
    const { value, label } = this.clusters[classIndex]!;
    return { prediction: value, label, distances: this.distances.of(raw) };
  }

  prediction({ classIndex }: Decided): Answer {
    return this.clusters[classIndex]!.value;
  }

  openText({ classIndex, raw }: Decided): string {
    return this.distances.append(this.heads[classIndex]!, raw);
  }

  score({ raw }: Decided): number {
    return Math.min(...raw);
  }
}

/** Outcomes of an anomaly detection, whose first class is the anomaly. */
export class AnomalyOutcomes implements Outcomes {
  private readonly heads: readonly string[];

  constructor(
    private readonly classes: readonly ClassSpec[],
    private readonly threshold: number,
  ) {
    this.heads = classes.map((each, index) => `${openLabel(each)},"anomaly":${index === 0},"score":`);
  }

  of({ classIndex, raw }: Decided): Outcome {
    const { value, label } = this.classes[classIndex]!;
    return {
      prediction: value,
      label,
      anomaly: classIndex === 0,
      score: raw[0]!,
      threshold: this.threshold,
    };
  }

  prediction({ classIndex }: Decided): Answer {
    return this.classes[classIndex]!.value;
  }

  openText({ classIndex, raw }: Decided): string {
    return `${this.heads[classIndex]}${raw[0]},"threshold":${this.threshold}`;
  }

  score({ raw }: Decided): number {
    return raw[0]!;
  }
}

const openLabel = ({ value, label }: ClassSpec): string =>
  JSON.stringify({ prediction: value, label }).slice(0, -1);

/** A number for each class, by its label. */
class NumbersByLabel {
  private readonly places: readonly { readonly before: string; readonly index: number }[];

  constructor(private readonly classes: readonly ClassSpec[]) {
    // Asked of an object, because it puts labels such as "10" first, and of two equal ones keeps the last.
    const indexes = Object.fromEntries(classes.map(({ label }, index) => [label, index]));
    this.places = Object.entries(indexes).map(([label, index], place) => ({
      before: `${place === 0 ? '' : ','}${JSON.stringify(label)}:`,
      index,
    }));
  }

  of(numbers: readonly number[]): ByName<number> {
    return Object.fromEntries(this.classes.map(({ label }, index) => [label, numbers[index]!]));
  }

  /** The text with the numbers and the brace that closes them. */
  append(head: string, numbers: readonly number[]): string {
    let text = head;
    for (const { before, index } of this.places) text += before + numbers[index];
    return `${text}}`;
  }
}
