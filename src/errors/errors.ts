import type { ErrorCode } from './error-code.js';

/** One fault of a request: where it is (JSON pointer, RFC 6901), a stable code, and how to mend it. */
export interface FieldError {
  readonly pointer: string;
  readonly code: string;
  readonly detail: string;
}

/** Base of every error that a caller may be told about. It knows nothing of HTTP; `http/problems.ts` maps it. */
export abstract class DomainError extends Error {
  abstract readonly code: ErrorCode;
  /** Seconds after which it is worth asking again; undefined: it does not pass by itself. */
  readonly retryAfter: number | undefined = undefined;

  /** Without a stack, which nobody reads of a caller's fault, and which costs more than all else of a refusal. */
  constructor(message: string) {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** The body is JSON, but not an input of this model. At most `LISTED` faults are carried, all are counted. */
export class InvalidInput extends DomainError {
  static readonly LISTED = 50;
  readonly code = 'invalid_input';

  constructor(
    readonly errors: readonly FieldError[],
    readonly count: number = errors.length,
  ) {
    const first = errors[0];
    const more = count > 1 ? ` (and ${count - 1} more)` : '';
    super(
      first
        ? `${first.pointer === '' ? 'the body' : first.pointer}: ${first.detail}${more}`
        : 'invalid input',
    );
  }
}

/** The request line, a header or the form of the body is wrong, before any field can be named. */
export class BadRequest extends DomainError {
  constructor(
    readonly code:
      | 'body_not_json'
      | 'unsupported_media_type'
      | 'body_too_large'
      | 'bad_request'
      | 'expectation_failed'
      | 'http_version_not_supported',
    detail: string,
  ) {
    super(detail);
  }
}

/** Nobody waits for the answer any more. */
export class ClientGone extends DomainError {
  readonly code = 'client_gone';

  constructor() {
    super('the connection ended before the answer');
  }
}

export class ModelNotFound extends DomainError {
  readonly code = 'model_not_found';

  constructor(name: string) {
    super(`there is no model "${name.slice(0, 63)}"; GET /models lists them`);
  }
}

export class VersionNotFound extends DomainError {
  readonly code = 'version_not_found';

  constructor(model: string, version: string) {
    super(`model "${model}" has no usable version "${version.slice(0, 20)}"; GET /models lists them`);
  }
}

export class ModelNotReady extends DomainError {
  readonly code = 'model_not_ready';

  override readonly retryAfter;

  /** `isLoading`: it will be ready by itself. */
  constructor(name: string, isLoading = false) {
    super(
      isLoading
        ? `model "${name}" is being loaded; try again soon`
        : `model "${name}" is not ready; its reason stands in GET /models`,
    );
    this.retryAfter = isLoading ? 2 : undefined;
  }
}

/** A record could not be made durable, so its prediction is not given out. */
export class PredictionLogUnavailable extends DomainError {
  readonly code = 'prediction_log_unavailable';
  override readonly retryAfter = 1;

  constructor() {
    super('the prediction cannot be recorded at the moment, so it is not answered; try again later');
  }
}

/** The disk has lost what it had taken, so nothing is recorded, and no prediction given out, before a restart. */
export class PredictionLogFailed extends DomainError {
  readonly code = 'prediction_log_failed';

  constructor() {
    super(
      'predictions could not be recorded safely, so this server answers none any more until it is restarted; send the call to another one',
    );
  }
}

/** Somebody else changed the model since the caller looked. */
export class RevisionMismatch extends DomainError {
  readonly code = 'revision_mismatch';

  constructor(model: string, expected: number, revision: number) {
    super(
      `model "${model}" is at revision ${revision}, not ${expected}: somebody was faster; read it again and decide anew`,
    );
  }
}

/** There is no champion before this one. */
export class NothingToRollBack extends DomainError {
  readonly code = 'nothing_to_roll_back';

  constructor(model: string) {
    super(`model "${model}" had no other champion before; name a version as champion instead`);
  }
}

/** The folder of the models cannot be written, so nothing about them can be changed here. */
export class ReadOnlyModels extends DomainError {
  readonly code = 'read_only_models';

  constructor(model: string, reason: string) {
    super(
      `the folder of model "${model}" cannot be written (${reason}); let the server write to ARTIFACTS_DIR, or change the files where they come from`,
    );
  }
}

/** The disk of the models is full. */
export class NoSpace extends DomainError {
  readonly code = 'no_space';

  constructor(model: string) {
    super(
      `the disk of the models is full, so nothing of model "${model}" was changed; free some of it, or let ARTIFACTS_DIR lie on a larger one`,
    );
  }
}

/** Nobody knows who calls. */
export class Unauthenticated extends DomainError {
  readonly code = 'unauthenticated';
}

/** The keys of the issuer of tokens cannot be fetched, so nobody can tell whether a token is good. */
export class IssuerUnavailable extends DomainError {
  readonly code = 'issuer_unavailable';
  override readonly retryAfter = 5;

  constructor() {
    super(
      'the issuer of this token cannot be asked for its keys at the moment; try again later, or send a key of this server',
    );
  }
}

/** Who calls, or from where, may not do this. */
export class Forbidden extends DomainError {
  readonly code = 'forbidden';
}

/** Who calls has asked for as much as he may for the moment. */
export class TooManyRequests extends DomainError {
  readonly code = 'too_many_requests';

  constructor(
    detail: string,
    override readonly retryAfter: number,
  ) {
    super(detail);
  }
}

/** There is a version of this number, but it cannot be served. */
export class VersionRefused extends DomainError {
  readonly code = 'version_refused';

  constructor(what: string, reason: string) {
    super(`${what} cannot be served: ${reason.slice(0, 2_000)}`);
  }
}

/** A version's folder is not whole yet. */
export class VersionNotReady extends DomainError {
  readonly code = 'version_not_ready';
  override readonly retryAfter = 2;

  constructor(model: string, version: string, reason = 'its files are being written') {
    super(`version "${version}" of model "${model}" is still on its way: ${reason}; try again soon`);
  }
}

/** A version has no such card or picture. */
export class FileNotFound extends DomainError {
  readonly code = 'file_not_found';

  constructor(model: string, version: string, name: string) {
    super(`version "${version}" of model "${model}" has no file "${name.slice(0, 100)}"`);
  }
}

/** As many uploads as there may be are under way. */
export class UploadsBusy extends DomainError {
  readonly code = 'uploads_busy';
  override readonly retryAfter = 5;

  constructor(most: number) {
    super(`${most} uploads are under way, and there may be no more at a time; try again soon`);
  }
}

/** A change does not say what it was decided from. */
export class PreconditionRequired extends DomainError {
  readonly code = 'precondition_required';

  constructor() {
    super(
      'send If-Match with the ETag of GET /models/<model>, so that nobody undoes what others have just done, or "*" to change it whatever it is',
    );
  }
}

/** Others are changing the same model all the time, or one of them hangs. */
export class AliasesBusy extends DomainError {
  readonly code = 'aliases_busy';
  override readonly retryAfter = 1;

  constructor(model: string) {
    super(`model "${model}" is being changed by somebody else; try again later`);
  }
}

/** What is to be deleted is still named by an alias. */
export class VersionInUse extends DomainError {
  readonly code = 'version_in_use';

  constructor(model: string, version: string, alias: string) {
    super(
      `version "${version}" of model "${model}" is named by the alias "${alias}"; let it name another first, or take the alias away`,
    );
  }
}

/** More waits for the model than it can answer in time. */
export class Overloaded extends DomainError {
  readonly code = 'overloaded';

  /** @param retryAfter whole seconds after which a call is likely to be answered */
  constructor(override readonly retryAfter: number) {
    super('more calls wait for this model than it can answer in time; try again later');
  }
}

/** The answer was not ready when the caller, or the server, would not wait any longer. Nothing of the call is recorded. */
export class DeadlineExceeded extends DomainError {
  readonly code = 'deadline_exceeded';

  constructor() {
    super(
      'the answer was not ready in time, which is REQUEST_TIMEOUT_MS of this server or less by the header x-request-timeout-ms; send fewer rows, or allow more time',
    );
  }
}

/** The process that ran the model for a call has ended before it answered. Nothing of the call is recorded. */
export class ModelProcessEnded extends DomainError {
  readonly code = 'model_process_ended';
  override readonly retryAfter = 1;

  /** @param reason such as "it took more than 512 MB" */
  constructor(
    model: string,
    readonly reason: string,
  ) {
    super(`the process that ran model "${model}" has ended before it answered: ${reason}; try again later`);
  }
}
