import type { IncomingHttpHeaders } from 'node:http';
import { BadRequest } from '../errors/errors.js';

/** UTF-8 by the names that clients give it, and the encoding that is a part of it. */
const UTF8 = ['utf-8', 'utf8', 'us-ascii', 'ascii'];
const CHARSET = /;\s*charset\s*=\s*(?:"([^"]*)"|([^;\s]*))/i;
const SHOWN = 64;
const SEND_JSON = 'send the body as JSON with the header Content-Type: application/json';

/** @throws BadRequest for a body that is compressed, or whose text is not UTF-8 by its own words. */
export function assertPlainUtf8(headers: IncomingHttpHeaders): void {
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && !isIdentity(encoding)) {
    throw refusal(`the Content-Encoding ${shown(encoding)} is not taken here; send the body without one`);
  }
  const type = headers['content-type'];
  // What nearly every caller sends need not be searched.
  const found = type === undefined || type === 'application/json' ? null : CHARSET.exec(type);
  const charset = found?.[1] ?? found?.[2];
  if (charset !== undefined && !UTF8.includes(charset.trim().toLowerCase())) {
    throw refusal(`the charset ${shown(charset)} is not taken here; send the body as UTF-8`);
  }
}

/** The refusal of a body for its media type; `mend` says what to send instead. */
export function unknownMediaType(
  { 'content-type': type }: IncomingHttpHeaders,
  mend = SEND_JSON,
): BadRequest {
  return refusal(
    type ? `the Content-Type ${shown(type)} is not taken here; ${mend}` : `there is no Content-Type; ${mend}`,
  );
}

const isIdentity = (encoding: string): boolean =>
  encoding.split(',').every((each) => ['', 'identity'].includes(each.trim().toLowerCase()));

const shown = (text: string): string => JSON.stringify(text.slice(0, SHOWN));

const refusal = (detail: string): BadRequest => new BadRequest('unsupported_media_type', detail);
