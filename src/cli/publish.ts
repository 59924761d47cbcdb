import type { Readable } from 'node:stream';
import { json } from 'node:stream/consumers';
import { modelPath, type Remote } from './remote.js';

/** What became of a version that was sent. */
export interface Sent {
  readonly isNew: boolean;
  readonly isChampion: boolean;
  readonly contentDigest: string | undefined;
  /** The revision of the model on that server, as If-Match wants it. */
  readonly etag: string;
}

/** Sends the tar of a version and waits until the server says that it is ready. @throws Failure */
export async function publish(
  remote: Remote,
  model: string,
  tar: Readable,
  bytes: number | undefined,
): Promise<Sent> {
  const reply = await remote.send('POST', `${modelPath(model)}/versions`, {
    headers: {
      'content-type': 'application/x-tar',
      ...(bytes !== undefined && { 'content-length': String(bytes) }),
    },
    body: tar,
  });
  const { version, content_sha256 } = (await json(reply)) as { version: string; content_sha256?: string };
  const look = await remote.send('GET', modelPath(model));
  const { aliases } = (await json(look)) as { aliases: Record<string, string> };
  return {
    isNew: reply.statusCode === 201,
    isChampion: aliases['champion'] === version,
    contentDigest: content_sha256,
    etag: look.headers.etag ?? '*',
  };
}
