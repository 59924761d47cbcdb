import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { Remote } from './remote.js';

/** A server that refuses its first calls, so many of them, by 429 with this `Retry-After`; and when it was called. */
async function busyServer(refusals: number, retryAfter?: string) {
  const calls: number[] = [];
  const server = createServer((request, reply) => {
    request.resume();
    const isRefused = calls.push(performance.now()) <= refusals;
    if (isRefused && retryAfter !== undefined) reply.setHeader('retry-after', retryAfter);
    reply.statusCode = isRefused ? 429 : 200;
    reply.end(JSON.stringify(isRefused ? { code: 'too_many_requests', detail: 'try again' } : { ok: true }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { remote: new Remote(`http://127.0.0.1:${(server.address() as AddressInfo).port}`), calls };
}

describe('a command whose key has asked for too much', () => {
  it('calls again when it was told to', async () => {
    const { remote, calls } = await busyServer(1, '1');
    expect(await remote.ask('POST', '/feedback', { a: 1 })).toEqual({ ok: true });
    expect(calls[1]! - calls[0]!).toBeGreaterThanOrEqual(990);
  });

  it.each([
    ['for more than five minutes', '301', '{}'],
    ['without being told how long', undefined, '{}'],
    ['until a time of day', 'Fri, 27 Nov 2026 12:00:00 GMT', '{}'],
    ['with a body that is gone', '1', 'a stream'],
  ])('does not wait %s', async (_, retryAfter, sent) => {
    const { remote, calls } = await busyServer(1, retryAfter);
    const body = sent === 'a stream' ? Readable.from([sent]) : sent;
    await expect(remote.send('POST', '/feedback', { body })).rejects.toThrow(
      /refuses \(429 too_many_requests\): try again$/,
    );
    expect(calls).toHaveLength(1);
  });
});
