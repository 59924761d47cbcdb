import type { ClassSpec } from '../artifacts/manifest.js';

/** What the model says of one row. A regression has neither label nor probabilities. */
export interface Outcome {
  readonly prediction: number | string;
  readonly label?: string;
  readonly probabilities?: Readonly<Record<string, number>>;
}

/** What an outcome is made of: finite numbers. */
export interface Decided {
  /** Index of the class in the manifest; -1 for a regression. */
  readonly classIndex: number;
  /** The value of a regression stands first. */
  readonly raw: readonly number[];
  /** In the order of the classes. */
  readonly probabilities: readonly number[];
}

/** The two forms of an outcome: every record needs the text, and few doors the object. */
export interface Outcomes {
  of(decided: Decided): Outcome;
  /** The prediction of that object alone, for doors that answer nothing else. */
  prediction(decided: Decided): Outcome['prediction'];
  /** What `JSON.stringify` writes of the object, less its last brace: record and answer go on from there. */
  openText(decided: Decided): string;
}

export const valueOutcomes: Outcomes = {
  of: ({ raw }) => ({ prediction: raw[0]! }),
  prediction: ({ raw }) => raw[0]!,
  openText: ({ raw }) => `{"prediction":${raw[0]}`,
};

/** Outcomes of a classification. The text is joined from pieces that are made when the model is loaded. */
export class ClassOutcomes implements Outcomes {
  /** By class: all before the first probability. */
  private readonly heads: readonly string[];
  private readonly shares: readonly { readonly before: string; readonly index: number }[];

  constructor(private readonly classes: readonly ClassSpec[]) {
    this.heads = classes.map(
      ({ value, label }) => `${JSON.stringify({ prediction: value, label }).slice(0, -1)},"probabilities":{`,
    );
    // Asked of an object, because it puts labels such as "10" first, and of two equal ones keeps the last.
    const indexes = Object.fromEntries(classes.map(({ label }, index) => [label, index]));
    this.shares = Object.entries(indexes).map(([label, index], place) => ({
      before: `${place === 0 ? '' : ','}${JSON.stringify(label)}:`,
      index,
    }));
  }

  of({ classIndex, probabilities }: Decided): Outcome {
    const { value, label } = this.classes[classIndex]!;
    const byLabel = this.classes.map((each, index) => [each.label, probabilities[index]!] as const);
    return { prediction: value, label, probabilities: Object.fromEntries(byLabel) };
  }

  prediction({ classIndex }: Decided): Outcome['prediction'] {
    return this.classes[classIndex]!.value;
  }

  openText({ classIndex, probabilities }: Decided): string {
    let text = this.heads[classIndex]!;
    for (const { before, index } of this.shares) text += before + probabilities[index];
    return `${text}}`;
  }
}
