import { DomainError } from '../errors/errors.js';
import type { GateReport } from './gate.js';

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

/** What is said of a version that a report is about and that is not here. */
export const noVersion = (version: string): string =>
  `there is no version "${version}" here any more; compare the versions of this server`;

/** A report of the gate that does not fit what is here, or does not agree with itself. */
export class ReportRefused extends DomainError {
  readonly code = 'report_refused';

  constructor(pointer: string, detail: string) {
    super(`${pointer} ${detail}`);
  }
}

/** Nobody has compared a version with a champion. */
export class GateNotFound extends DomainError {
  readonly code = 'gate_not_found';

  constructor(model: string, version: string) {
    super(
      `there is no report on version "${version}" of model "${model}": it was not trained here, or had no champion to be compared with`,
    );
  }
}

/** The gate keeps a version from being champion. */
export class GateNotPassed extends DomainError {
  readonly code = 'gate_not_passed';

  constructor(
    model: string,
    version: string,
    champion: string | undefined,
    { champion: compared, verdict, checks }: Pick<GateReport, 'champion' | 'verdict' | 'checks'>,
  ) {
    const failed = checks.filter(({ passed }) => !passed).map(({ name, reason }) => `${name}: ${reason}`);
    super(
      `version "${version}" of model "${model}" ${
        verdict === 'failed' && (champion === undefined || compared.version === champion)
          ? `has failed the gate beside version "${compared.version}" (${failed.join('; ').slice(0, 1_000)})`
          : `was compared with version "${compared.version}", and the champion is version "${champion}" by now; train it again`
      }; "force": true with a "reason" overrules the gate`,
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
