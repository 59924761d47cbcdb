import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { atEnd } from '../support/clean-up.js';
import { CHROMIUM_HINT, HAS_CHROMIUM, openBrowser } from '../support/browser.js';
import { startServer } from '../support/server.js';

const CALL = '/katana-ml/api/v1.0/diabetes';

/** A page of another origin: another port is one. */
async function otherOrigin(): Promise<string> {
  const pages = createServer((_, reply) =>
    reply.setHeader('content-type', 'text/html').end('<title>other</title>'),
  );
  pages.listen(0, '127.0.0.1');
  await once(pages, 'listening');
  atEnd(() => pages.close());
  return `http://127.0.0.1:${(pages.address() as AddressInfo).port}`;
}

/** What a script of `origin` gets from the published diabetes call of `server`: the body, or the browser's error. */
async function callFrom(origin: string, server: string): Promise<unknown> {
  const page = await (await openBrowser()).newPage();
  await page.goto(origin);
  return page.evaluate(
    ([url]) =>
      fetch(url!, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ data: '1,106,70,28,135,34.2,0.142,22' }),
      }).then(
        async (reply) => [await reply.json(), reply.headers.has('x-request-id')],
        (error: Error) => error.name,
      ),
    [server + CALL],
  );
}

describe.skipIf(!HAS_CHROMIUM)(`a browser of another origin (${CHROMIUM_HINT})`, () => {
  it('may call where CORS_ORIGINS is *, and may read the request id', async () => {
    const server = await startServer({ CORS_ORIGINS: '*' });
    const [body, isReadable] = (await callFrom(await otherOrigin(), server.url)) as [object, boolean];
    expect(body).toEqual({ prediction: expect.closeTo(0.133, 3) });
    expect(isReadable).toBe(true);
  });

  it('may call where CORS_ORIGINS lists it, and no other origin may', async () => {
    const listed = await otherOrigin();
    const server = await startServer({ CORS_ORIGINS: listed });
    expect(await callFrom(listed, server.url)).toEqual([{ prediction: expect.any(Number) }, true]);
    expect(await callFrom(await otherOrigin(), server.url)).toBe('TypeError');
  });

  it('may not call where CORS_ORIGINS is none', async () => {
    const server = await startServer({ CORS_ORIGINS: 'none' });
    expect(await callFrom(await otherOrigin(), server.url)).toBe('TypeError');
  });
});
