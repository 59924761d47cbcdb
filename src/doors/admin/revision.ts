import { BadRequest, PreconditionRequired } from '../../errors/errors.js';

/** The revision of a model as the `ETag` of `GET /models/<model>`. */
export const etagOf = (revision: number): string => `"${revision}"`;

/**
 * The revision that `If-Match` names; `any` for `*`. A proxy that compresses makes an ETag weak; the revision in it is
 * the same.
 * @throws PreconditionRequired without the header, BadRequest if it is none of our ETags.
 */
export function expectedRevision(ifMatch: string | undefined): number | 'any' {
  if (ifMatch === undefined) throw new PreconditionRequired();
  if (ifMatch.trim() === '*') return 'any';
  const [, digits] = /^\s*(?:W\/)?"(\d{1,15})"\s*$/.exec(ifMatch) ?? [];
  if (digits === undefined) {
    throw new BadRequest(
      'bad_request',
      'If-Match must be the ETag of GET /models/<model> with its quotation marks, such as "3", or *',
    );
  }
  return Number(digits);
}
