import type { ProblemCode } from './problems.js';

/** Node's error, with the packet in which a request line and its headers became more than it takes. */
type Overflow = Error & { readonly rawPacket?: Buffer; readonly bytesParsed?: number };

/** Tells a URL that is too long from headers that are, which Node counts together, by the line in which it stopped. */
export function problemOfOverflow({ rawPacket, bytesParsed }: Overflow): [ProblemCode, string] {
  const parsed = rawPacket?.toString('latin1', 0, bytesParsed) ?? '';
  const line = parsed.slice(parsed.lastIndexOf('\n') + 1);
  // The body of the request before has no line end. A packet may begin within the line; then only what stands in it tells.
  const isUrl = /(?:^|[}\]"])[A-Z-]+ \S*$/.test(line) || (line === parsed && looksLikeQuery(line));
  return isUrl
    ? ['uri_too_long', 'the URL is longer than 16 KiB; POST what is larger as a body']
    : [
        'headers_too_large',
        'the request line and the headers are larger than 16 KiB, or there are more than 900 headers; send fewer',
      ];
}

const looksLikeQuery = (text: string): boolean => /[%&]/.test(text) && !/[\s;"]/.test(text);
