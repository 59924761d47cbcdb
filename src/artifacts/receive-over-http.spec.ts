import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { atEnd } from '../../test/support/clean-up.js';
import { entryOf } from '../../test/support/tar.js';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { DomainError } from '../errors/errors.js';
import { receiveArchive } from './receive-archive.js';

const LIMITS = { maxBytes: 33_554_432, maxEntries: 10, stallMs: 60_000, timeoutMs: 60_000 };

/** A server that hands every body to `receiveArchive` and answers with the code of the refusal. */
async function listen(root: string): Promise<{ port: number; refused: Promise<string> }> {
  let tell: (code: string) => void;
  const refused = new Promise<string>((resolve) => (tell = resolve));
  const server = createServer((incoming, reply) => {
    receiveArchive(incoming, root, LIMITS).catch((error: unknown) => {
      const code = error instanceof DomainError ? error.code : String(error);
      reply.writeHead(422).end(code);
      setImmediate(() => incoming.resume());
      tell(code);
    });
  }).listen(0, '127.0.0.1');
  atEnd(() => server.close());
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, refused };
}

describe('an archive over a connection', () => {
  it('can be refused while the client still sends, and the refusal arrives', async () => {
    const { port } = await listen(temporaryFolder());
    const sending = request({ port, method: 'POST' }).on('error', () => {});
    sending.write(entryOf({ name: '../evil', body: Buffer.alloc(100_000) }));
    const [reply] = await once(sending, 'response');

    expect(await text(reply as IncomingMessage)).toBe('invalid_archive');
    sending.destroy();
  });

  it.each([
    ['tar', (tar: Buffer) => tar],
    ['tar.gz', (tar: Buffer) => gzipSync(tar, { level: 0 })],
  ])(
    'can be let through when it was refused: a client that sends all of a %s first reads the answer',
    async (_, packed) => {
      const { port } = await listen(temporaryFolder());
      const body = packed(entryOf({ name: '../evil', body: Buffer.alloc(20_000_000) }));
      const sending = request({ port, method: 'POST', headers: { 'content-length': body.length } });
      const replied = once(sending, 'response');
      await new Promise((resolve) => sending.write(body, resolve));
      sending.end();
      const [reply] = await replied;

      expect(await text(reply as IncomingMessage)).toBe('invalid_archive');
    },
  );

  it('leaves nothing when the connection ends in the middle', async () => {
    const root = temporaryFolder();
    const { port, refused } = await listen(root);
    const sending = request({ port, method: 'POST' }).on('error', () => {});
    sending.write(entryOf({ name: 'model.onnx', body: Buffer.alloc(100_000) }).subarray(0, 50_000), () =>
      sending.destroy(),
    );

    expect(await refused).toBe('client_gone');
    expect(readdirSync(join(root, '.uploads'))).toEqual([]);
  });
});
