import { createTestApp } from '../support/create-app.js';

const app = await createTestApp();
const BROWSER = { accept: 'text/html' };

describe('the guides', () => {
  it('are pages whose links lead to pages, and whose anchors are there', async () => {
    const { text } = await app.get('/', BROWSER);
    const guides = [...text.matchAll(/href="(guides\/[a-z-]+)"/g)].map(([, path]) => `/${path}`);
    const pages = new Map<string, string>();
    for (const path of guides) {
      const reply = await app.get(path);
      expect(reply.headers).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': expect.stringMatching(/^default-src 'none'; style-src 'sha256-/),
      });
      pages.set(path, reply.text);
    }
    const dead = [...pages].flatMap(([page, html]) =>
      [...html.matchAll(/href="([^":]+)"/g)].flatMap(([, href]) => {
        const { pathname, hash } = new URL(href!, `http://x${page}`);
        if (!pathname.startsWith('/guides/')) return [];
        const isThere = pages.get(pathname)?.includes(hash === '' ? '' : ` id="${hash.slice(1)}"`);
        return isThere ? [] : `${page} → ${href}`;
      }),
    );

    expect(guides).toHaveLength(8);
    expect(dead).toEqual([]);
    expect([...pages.values()].join('')).not.toMatch(/href="[^"]*\.md|src="/);
  });
});
