import { ArtifactFault } from './artifact-fault.js';

export const SUMS = 'SHA256SUMS';
const LINE = /^([0-9a-f]{64}) [ *](.+)$/;

/** File → digest, as `sha256sum` writes them. @throws ArtifactFault for a line of another form. */
export function parseSums(text: string): Map<string, string> {
  const digests = new Map<string, string>();
  for (const line of text.split('\n').filter(Boolean)) {
    const [, digest, name] = LINE.exec(line) ?? [];
    if (digest === undefined || name === undefined)
      throw new ArtifactFault(`${SUMS} has a line that sha256sum would not write`);
    digests.set(name, digest);
  }
  return digests;
}

/** The files that a text of sums names so far; lines that are not whole yet are passed over. */
export function namesIn(text: string): string[] {
  return text.split('\n').flatMap((line) => LINE.exec(line)?.[2] ?? []);
}
