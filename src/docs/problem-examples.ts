import * as archives from '../artifacts/archive-errors.js';
import type { ErrorCode } from '../errors/error-code.js';
import * as errors from '../errors/errors.js';
import { unknownMediaType } from '../http/content-headers.js';
import { SPOKEN } from '../http/bad-requests.js';
import { parseJson } from '../http/json-body.js';
import { LEAST_BYTES } from '../inputs/body-form.js';
import { NO_SUCH_ROUTE, type Problem, type ProblemCode, problem, toProblem } from '../http/problems.js';
import type { WithoutExample } from './problem-responses.js';
import * as searches from '../journal/search-errors.js';
import * as jobs from '../training/job-errors.js';
import { BaselineNotFound } from '../watch/baseline-not-found.js';
import { StateUnavailable } from '../state/state-unavailable.js';

/** Stands in an example where a problem has the id of its request. */
export const EXAMPLE_ID = '01a1fdca-2a0f-7728-ab3b-0ebd7ff5363c';

/** Why a process of a model has ended. */
export const KILLED = 'it was killed (SIGKILL)';

/** Why a version is refused, as an example. */
export const STRAY = 'notes.txt is not named in SHA256SUMS';

/** A report by which a version is kept from being champion, as an example. */
export const FAILED_GATE = {
  champion: { version: '2', sha256: '' },
  verdict: 'failed',
  checks: [
    {
      name: 'primary_metric',
      figure: -0.0312,
      limit: -0.005,
      passed: false,
      reason: 'accuracy 0.7662, the champion’s 0.7857: it answers worse',
    },
  ],
} as const;

/** The problem document of an error. */
export const exampleProblem = (error: unknown): Problem => toProblem(error, EXAMPLE_ID);

/** What `refuse` throws. */
export function thrownBy(refuse: () => unknown): unknown {
  try {
    refuse();
  } catch (error) {
    return error;
  }
  throw new TypeError('an example of a refusal was taken');
}

/** A problem of each code that an operation may name, made of the errors that are raised; `model` is the one that is shown. */
export function problemExamples(
  model: string,
  version: string,
): Readonly<Partial<Record<ProblemCode, Problem>>> {
  const raised = {
    body_not_json: thrownBy(() => parseJson(Buffer.from('{"'), null, 'the body')),
    unsupported_media_type: unknownMediaType({ 'content-type': 'text/plain' }),
    // What a route of small documents says; others say how many bytes they take, and where more may go.
    body_too_large: new errors.BadRequest(
      'body_too_large',
      `the body may have ${LEAST_BYTES.toLocaleString('en')} bytes here`,
    ),
    http_version_not_supported: new errors.BadRequest('http_version_not_supported', SPOKEN),
    model_not_found: new errors.ModelNotFound('nobody'),
    version_not_found: new errors.VersionNotFound(model, '999'),
    baseline_not_found: new BaselineNotFound(model, version, 'it has no baseline.json'),
    gate_not_found: new jobs.GateNotFound(model, version),
    gate_not_passed: new jobs.GateNotPassed(model, version, '2', FAILED_GATE),
    report_refused: new jobs.ReportRefused('/gate/candidate/sha256', jobs.noVersion('2')),
    file_not_found: new errors.FileNotFound(model, version, 'plots/nothing.svg'),
    model_not_ready: new errors.ModelNotReady(model),
    model_process_ended: new errors.ModelProcessEnded(model, KILLED),
    deadline_exceeded: new errors.DeadlineExceeded(),
    version_not_ready: new errors.VersionNotReady(model, version, 'model.onnx is missing'),
    version_refused: new errors.VersionRefused(`${model}/${version}`, STRAY),
    version_in_use: new errors.VersionInUse(model, version, 'champion'),
    version_taken: new archives.VersionTaken(model, version),
    invalid_archive: new archives.InvalidArchive('the archive holds no file'),
    archive_too_large: new archives.ArchiveTooLarge(268_435_456),
    nothing_to_roll_back: new errors.NothingToRollBack(model),
    revision_mismatch: new errors.RevisionMismatch(model, 0, 1),
    precondition_required: new errors.PreconditionRequired(),
    read_only_models: new errors.ReadOnlyModels(model, 'EROFS'),
    no_space: new errors.NoSpace(model),
    aliases_busy: new errors.AliasesBusy(model),
    uploads_busy: new errors.UploadsBusy(2),
    prediction_log_unavailable: new errors.PredictionLogUnavailable(),
    prediction_log_failed: new errors.PredictionLogFailed(),
    job_not_found: new jobs.JobNotFound('nobody'),
    prediction_not_found: new searches.PredictionNotFound(EXAMPLE_ID),
    prediction_gone: new searches.PredictionGone(EXAMPLE_ID),
    search_busy: new searches.SearchBusy(),
    idempotency_mismatch: new jobs.IdempotencyMismatch(EXAMPLE_ID),
    lease_lost: new jobs.LeaseLost(),
    job_has_version: new jobs.JobHasVersion(EXAMPLE_ID, version),
    queue_full: new jobs.QueueFull(1_000),
    waiters_busy: new jobs.WaitersBusy(100),
    state_unavailable: new StateUnavailable(),
    issuer_unavailable: new errors.IssuerUnavailable(),
    internal_error: new Error(),
  } satisfies Record<Exclude<ErrorCode, WithoutExample>, unknown> & Partial<Record<ProblemCode, unknown>>;
  return {
    route_not_found: problem('route_not_found', NO_SUCH_ROUTE, EXAMPLE_ID),
    ...Object.fromEntries(Object.entries(raised).map(([code, error]) => [code, exampleProblem(error)])),
  };
}
