import { DomainError } from '../errors/errors.js';

export class JobNotFound extends DomainError {
  readonly code = 'job_not_found';

  constructor(id: string) {
    super(`there is no job "${id.slice(0, 40)}"; GET /jobs lists them`);
  }
}

/** An idempotency key was used for something else before. */
export class IdempotencyMismatch extends DomainError {
  readonly code = 'idempotency_mismatch';

  constructor(id: string) {
    super(
      `this Idempotency-Key stands for job "${id}", which has other arguments; send the same arguments, or another key`,
    );
  }
}

/** As many jobs wait as may. */
export class QueueFull extends DomainError {
  readonly code = 'queue_full';
  override readonly retryAfter = 60;

  constructor(most: number) {
    super(`${most} jobs wait, and there may be no more; start more runners, cancel some, or try again later`);
  }
}

/** As many callers wait for news as may. */
export class WaitersBusy extends DomainError {
  readonly code = 'waiters_busy';
  override readonly retryAfter = 5;

  constructor(most: number) {
    super(`${most} callers wait for news already, and there may be no more at a time; try again soon`);
  }
}

/** Who reports on a job does not have it any more. */
export class LeaseLost extends DomainError {
  readonly code = 'lease_lost';

  constructor() {
    super(
      'this lease is of no running job: another runner has it by now, or it has ended; stop this training',
    );
  }
}

/** A job publishes one version at most. */
export class JobHasVersion extends DomainError {
  readonly code = 'job_has_version';

  constructor(id: string, version: string) {
    super(`job "${id}" has published version "${version}" already; report its result with that version`);
  }
}
