import type { ProblemCode } from './problems.js';

/** Tells a URL that is too long from headers that are; Node counts them together. Its packet begins with the request. */
export function problemOfOverflow({ rawPacket }: Error & { rawPacket?: Buffer }): [ProblemCode, string] {
  const isFirstLine =
    rawPacket !== undefined && /^[A-Z]+ [^\r\n]*$/.test(rawPacket.toString('latin1', 0, 16_384));
  return isFirstLine
    ? ['uri_too_long', 'the URL is longer than 16 KiB; POST what is larger as a body']
    : ['bad_request', 'the request line and the headers are larger than 16 KiB; send fewer'];
}
