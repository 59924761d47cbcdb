import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { remoteOf, remotesOf } from './known-remote.js';

function fileOf(text: string): string {
  const file = join(temporaryFolder(), 'key');
  writeFileSync(file, text);
  return file;
}

/** A server, and what keys it was shown. */
async function serverOf(headers: Readonly<Record<string, string>> = {}, status = 200) {
  const shown: unknown[] = [];
  const server = createServer((request, reply) => {
    shown.push(request.headers.authorization);
    reply.writeHead(status, headers).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, shown };
}

const told = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
beforeEach(() => {
  told.mockClear();
  vi.stubEnv('NESTOR_API_KEY', '');
});
afterAll(() => {
  told.mockRestore();
  vi.unstubAllEnvs();
});

describe('the key of a command', () => {
  it('is the one of its file, or else of the environment, or there is none', async () => {
    const { url, shown } = await serverOf();
    await remoteOf(url, {}).ask('GET', '/');
    vi.stubEnv('NESTOR_API_KEY', 'nst_of_the_shell');
    await remoteOf(url, {}).ask('GET', '/');
    await remoteOf(url, { 'key-file': fileOf('nst_of_a_file\n') }).ask('GET', '/');
    expect(shown).toEqual([undefined, 'Bearer nst_of_the_shell', 'Bearer nst_of_a_file']);
    expect(told).not.toHaveBeenCalled();
  });

  it('goes to no other server by a redirect', async () => {
    const other = await serverOf();
    const { url, shown } = await serverOf({ location: `${other.url}/models` }, 307);
    const remote = remoteOf(url, { 'key-file': fileOf('nst_secret') });
    await expect(remote.ask('GET', '/models')).rejects.toThrow(
      `leads on to ${other.url}/models, which is not`,
    );
    await expect(remote.find('/models')).rejects.toThrow('is not followed');
    expect([shown, other.shown]).toEqual([['Bearer nst_secret', 'Bearer nst_secret'], []]);
  });

  it.each([
    ['http://models.example', 1],
    ['http://10.0.0.7:3000', 1],
    ['https://models.example', 0],
    ['http://localhost:3000', 0],
    ['http://[::1]:3000', 0],
  ])('is sent to %s with so many warnings: %i', (url, warnings) => {
    remoteOf(url, {});
    expect(told).not.toHaveBeenCalled();
    remoteOf(url, { 'key-file': fileOf('nst_secret') });
    expect(told).toHaveBeenCalledTimes(warnings);
    expect(JSON.stringify(told.mock.calls)).not.toContain('nst_secret');
  });

  it.each(['', 'two\nlines', 'zwölf'])('is not %j, and what the file holds is not repeated', (text) => {
    expect(() => remoteOf('http://localhost', { 'key-file': fileOf(text) })).toThrow(
      /^--key-file \S+ holds no key: it must be a line such as nestor key create prints$/,
    );
  });

  it('of a file that is missing is called wrong', () => {
    expect(() => remoteOf('http://localhost', { 'key-file': '/none/key' })).toThrow(
      '--key-file /none/key cannot be read: ENOENT',
    );
  });

  it('of promote is one for each server', async () => {
    const [from, to] = [await serverOf(), await serverOf()];
    const call = async (files: Parameters<typeof remotesOf>[2]): Promise<unknown[]> => {
      for (const remote of remotesOf(from.url, to.url, files)) await remote.ask('GET', '/');
      return [from.shown.at(-1), to.shown.at(-1)];
    };
    const [one, other] = [fileOf('one'), fileOf('other')];
    expect(await call({})).toEqual([undefined, undefined]);
    expect(await call({ 'to-key-file': other })).toEqual([undefined, 'Bearer other']);
    vi.stubEnv('NESTOR_API_KEY', 'shell');
    expect(await call({ 'to-key-file': other })).toEqual(['Bearer shell', 'Bearer other']);
    expect(await call({ 'from-key-file': one })).toEqual(['Bearer one', 'Bearer shell']);
    expect(() => remotesOf(from.url, to.url, {})).toThrow('one key is not shown to both');
    expect(() => remotesOf(from.url, to.url, { 'key-file': one })).toThrow('one key is not shown to both');
  });
});
