import type { Manifest } from '../artifacts/manifest.js';
import { NONE_HIDDEN } from '../inputs/hidden-inputs.js';
import type { Row } from '../inputs/input-check.js';
import { TrainingRange } from '../inputs/training-range.js';
import type { Decision } from '../runners/decoder.js';
import type { Outcome } from '../runners/outcome.js';
import type { Prediction } from './prediction.js';

/** What typed routes answer, as JSON text; the pieces that never change are made once for a model version. */
export class AnswerTexts {
  private readonly names: string;
  private readonly range: TrainingRange;

  constructor({ model, version, inputs }: Manifest, hidden = NONE_HIDDEN) {
    this.names = JSON.stringify({ model, version }).slice(1, -1);
    this.range = new TrainingRange(inputs, hidden);
  }

  /** `outcome` is open, as a decision has it. */
  of(outcome: string, id: string, row: Row): string {
    const answer = `${outcome},"prediction_id":"${id}",${this.names}`;
    const warnings = this.range.warnings(row);
    return warnings === undefined ? `${answer}}` : `${answer},"warnings":${JSON.stringify(warnings)}}`;
  }
}

/** A prediction as the doors get it; record and answer share the text of the outcome. */
export class RecordedPrediction implements Prediction {
  constructor(
    readonly id: string,
    private readonly decision: Decision,
    private readonly row: Row,
    private readonly answers: AnswerTexts,
  ) {}

  get outcome(): Outcome {
    return this.decision.outcome;
  }

  get prediction(): Outcome['prediction'] {
    return this.decision.prediction;
  }

  text(): string {
    return this.answers.of(this.decision.openText, this.id, this.row);
  }
}
