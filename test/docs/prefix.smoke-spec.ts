import { CHROMIUM_HINT, HAS_CHROMIUM, openBrowser, watch } from '../support/browser.js';
import { copyTurnover } from '../support/artifacts.js';
import { prefixProxy } from '../support/prefix-proxy.js';
import { TAR, tarOfFolder } from '../support/pushed.js';
import { startServer } from '../support/server.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

describe('behind a proxy that cuts a prefix off', async () => {
  const server = await startServer({ ARTIFACTS_DIR: copyTurnover().root });
  const base = await prefixProxy(server.url, '/api');

  it('the links of the index lead to their pages', async () => {
    const { paths } = (await (await fetch(`${base}/`)).json()) as { paths: Record<string, string> };

    expect(Object.keys(paths)).toEqual(['models', 'health', 'docs', 'redoc', 'openapi']);
    for (const path of Object.values(paths)) {
      expect((await fetch(new URL(path, `${base}/`))).status).toBe(200);
    }
  });

  it('the links of its page, and of a card, lead to what is there', async () => {
    const links: string[] = [];
    for (const path of ['/', '/models/turnover/versions/1/card', '/guides/operator']) {
      const page = await (await fetch(base + path, { headers: { accept: 'text/html' } })).text();
      for (const [, link] of page.matchAll(/(?:href|src)="([^"#]+)/g))
        links.push(new URL(link!, base + path).href);
    }
    const dead: string[] = [];
    for (const link of new Set(links.filter((each) => each.startsWith('http://127.0.0.1'))))
      if ((await fetch(link)).status !== 200) dead.push(link);

    expect(new Set(links).size).toBeGreaterThan(20);
    expect(dead).toEqual([]);
  });

  it('the server of the document, seen from where the document is, answers a client', async () => {
    const at = `${base}/openapi.json`;
    const { servers } = (await (await fetch(at)).json()) as { servers: { url: string }[] };
    const url = new URL(servers[0]!.url, at).href.replace(/\/$/, '');
    const reply = await fetch(`${url}/predict`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(TURNOVER_ROW),
    });

    expect(servers).toHaveLength(1);
    expect(url).toBe(base);
    expect(await reply.json()).toEqual({ prediction: 1 });
  });

  it('the Location of a new version leads to it', async () => {
    const url = `${base}/models/turnover/versions`;
    const body = await tarOfFolder(copyTurnover({ version: '2' }).folder);
    const reply = await fetch(url, { method: 'POST', headers: TAR, body });
    const version = await fetch(new URL(reply.headers.get('location')!, url));

    expect(reply.status).toBe(201);
    expect(await version.json()).toMatchObject({ version: '2' });
  });

  describe.skipIf(!HAS_CHROMIUM)(`in a browser (${CHROMIUM_HINT})`, async () => {
    const browser = HAS_CHROMIUM ? await openBrowser() : undefined;

    it.each(['/docs', '/docs/', '/docs/index.html'])('an example can be tried out at %s', async (path) => {
      const page = await browser!.newPage({ viewport: { width: 1280, height: 1600 } });
      const faults = watch(page, new URL(base).host);
      const called = page.waitForRequest((each) => each.method() === 'POST');
      await page.goto(base + path, { waitUntil: 'networkidle' });
      await page.locator('#operations-tag-taken-over-turnover').click();
      await page.locator('#operations-taken-over-turnover-predict .opblock-summary-control').click();
      await page.locator('.try-out__btn').click();
      await page.locator('.execute').click();
      const answer = await page.locator('.live-responses-table .highlight-code').first().innerText();

      expect((await called).url()).toBe(`${base}/predict`);
      expect(answer.replaceAll(/\s/g, '')).toContain('{"prediction":1}');
      expect(faults).toEqual([]);
    });

    it('the commands of the page at / name the address with the prefix', async () => {
      const page = await browser!.newPage();
      const faults = watch(page, new URL(base).host);
      await page.goto(`${base}/`, { waitUntil: 'networkidle' });

      expect(await page.locator('.curl code').first().innerText()).toContain(
        `curl '${base}/models/turnover/predict' `,
      );
      expect(faults).toEqual([]);
    });

    it('ReDoc shows the address with the prefix', async () => {
      const page = await browser!.newPage({ viewport: { width: 1280, height: 1600 } });
      const faults = watch(page, new URL(base).host);
      await page.goto(`${base}/redoc`, { waitUntil: 'networkidle' });
      await page.locator('h1').first().waitFor();

      const text = (await page.locator('#redoc').textContent())!.replaceAll('\u200b', '');
      expect(text).toContain('Will this employee leave?');
      expect(text).toContain(`${base}/models/turnover/predict`);
      expect(faults).toEqual([]);
    });
  });
});
