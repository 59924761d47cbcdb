import { BadRequest } from '../errors/errors.js';
import { routeLimit, tooLargeText } from '../http/body-limit.js';
import type { Takes } from '../http/route-kind.js';
import type { ModelVersion } from '../models/model-version.js';
import { exampleProblem } from './problem-examples.js';

/** A route of predictions, as far as it decides how large a body may be. */
export interface Predicting {
  /** In capitals. */
  readonly method: string;
  readonly takes: Takes | undefined;
  /** The version that it asks; undefined where none answers. */
  readonly version: Pick<ModelVersion, 'forms'> | undefined;
}

/** What such a route answers where a body is too large; `maxBodyBytes` is what any body may have at most. */
export function tooLargeExample({ method, takes, version }: Predicting, maxBodyBytes: number): object {
  const form = takes === 'row' || takes === 'rows' ? version?.forms[takes] : takes;
  const ofForm = typeof form === 'object' ? form.bytes : Infinity;
  const bytes = Math.min(ofForm, routeLimit(takes, maxBodyBytes));
  return exampleProblem(
    new BadRequest('body_too_large', tooLargeText(method, { kind: 'prediction', takes }, bytes)),
  );
}
