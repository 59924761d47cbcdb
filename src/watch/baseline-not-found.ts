import { DomainError } from '../errors/errors.js';

/** Nothing is known of the training rows of a version, so its drift is not watched. */
export class BaselineNotFound extends DomainError {
  readonly code = 'baseline_not_found';

  constructor(model: string, version: string, fault: string) {
    super(
      `the drift of version "${version}" of model "${model}" is not watched: ${fault}; export it with the Python package, which writes baseline.json`,
    );
  }
}
