import { DomainError } from '../errors/errors.js';

/** No record here has this id. */
export class PredictionNotFound extends DomainError {
  readonly code = 'prediction_not_found';

  constructor(id: string) {
    super(
      `no record here has the prediction_id "${id.slice(0, 40)}"; an id is what a prediction was answered with, such as 01a21afe-511a-76ed-9f57-4b0bee1ba9fe`,
    );
  }
}

/** The record was erased, or the records of the day on which it may have been written were removed. */
export class PredictionGone extends DomainError {
  readonly code = 'prediction_gone';

  constructor(id: string) {
    super(
      `the record of "${id.slice(0, 40)}" is gone: it was erased, or records of its day were removed by nestor log prune`,
    );
  }
}

/** As many look for records as may, or the disk does not answer. */
export class SearchBusy extends DomainError {
  readonly code = 'search_busy';
  override readonly retryAfter = 2;

  constructor() {
    super(
      'predictions cannot be looked for at the moment: too many callers do so, or the disk is slow; try again soon',
    );
  }
}
