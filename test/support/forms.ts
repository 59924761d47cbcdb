export const FORM = 'application/x-www-form-urlencoded';

/** The media type and the body of a multipart form, as `curl -F` sends it; a list is the same name several times. */
export function multipart(fields: Readonly<Record<string, string | readonly string[]>>): [string, string] {
  const boundary = '------------------------d74496d66958873e';
  const parts = Object.entries(fields)
    .flatMap(([name, values]) => [values].flat().map((value) => [name, value] as const))
    .map(
      ([name, value]) =>
        `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
    );
  return [`multipart/form-data; boundary=${boundary}`, `${parts.join('')}--${boundary}--\r\n`];
}
