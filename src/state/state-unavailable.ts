import { DomainError } from '../errors/errors.js';

/** The state database does not answer, or cannot be written. It is asked again and again until it can. */
export class StateUnavailable extends DomainError {
  readonly code = 'state_unavailable';
  override readonly retryAfter = 1;

  constructor() {
    super(
      'the state database cannot be read or written at the moment; repeat the call, with the same Idempotency-Key if it has one',
    );
  }
}
