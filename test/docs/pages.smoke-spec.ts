import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CHROMIUM_HINT, HAS_CHROMIUM, openBrowser, outerAddress, watch } from '../support/browser.js';
import { startServer } from '../support/server.js';

/** Where screenshots go for somebody to look at; not set: none are taken. */
const SCREENSHOTS = process.env['SCREENSHOTS'];

const PAGES = [
  { path: '/docs', shows: '.opblock-tag', texts: ['turnover', 'taken-over-turnover'] },
  { path: '/ui', shows: '.opblock', texts: ['/v2/models/iris-deepaas/predict/'] },
  { path: '/redoc', shows: 'h1', texts: ['Nestor', 'Will this employee leave?'] },
];
/** Every page that people look at. */
const ALL = ['/', '/docs', '/ui', '/redoc', '/models/turnover/versions/1/card', '/guides/operator'];
const LOOKS = ALL.flatMap((path) =>
  (['light', 'dark'] as const).flatMap((scheme) => [1280, 390].map((width) => ({ path, scheme, width }))),
);
const HOSTS = ['127.0.0.1', outerAddress()].filter((host) => host !== undefined);
const CASES = PAGES.flatMap((page) => HOSTS.map((host) => ({ ...page, host })));

describe.skipIf(!HAS_CHROMIUM)(`the documentation in a browser (${CHROMIUM_HINT})`, async () => {
  const server = HAS_CHROMIUM ? await startServer({ HOST: '0.0.0.0' }) : undefined;
  const browser = HAS_CHROMIUM ? await openBrowser() : undefined;

  it.each(CASES)('$path renders at http://$host, without errors and without other hosts', async (each) => {
    const { path, shows, texts, host } = each;
    const page = await browser!.newPage({ viewport: { width: 1280, height: 1600 } });
    const faults = watch(page, `${host}:${server!.port}`);
    await page.goto(`http://${host}:${server!.port}${path}`, { waitUntil: 'networkidle' });
    await page.locator(shows).first().waitFor();

    const shown = await page.locator('body').innerText();
    for (const text of texts) expect(shown.replaceAll('\u200b', '')).toContain(text);
    if (SCREENSHOTS !== undefined) {
      mkdirSync(SCREENSHOTS, { recursive: true });
      await page.screenshot({ path: join(SCREENSHOTS, `${path.slice(1)}-${host}.png`) });
    }
    expect(faults).toEqual([]);
  });

  it('an example can be tried out in Swagger UI', async () => {
    const page = await browser!.newPage({ viewport: { width: 1280, height: 1600 } });
    const faults = watch(page, `127.0.0.1:${server!.port}`);
    await page.goto(`${server!.url}/docs`, { waitUntil: 'networkidle' });
    await page.locator('#operations-tag-taken-over-turnover').click();
    await page.locator('#operations-taken-over-turnover-predict .opblock-summary-control').click();
    await page.locator('.try-out__btn').click();
    await page.locator('.execute').click();
    const answer = await page.locator('.live-responses-table .highlight-code').first().innerText();

    expect(answer.replaceAll(/\s/g, '')).toContain('{"prediction":1}');
    if (SCREENSHOTS !== undefined) await page.screenshot({ path: join(SCREENSHOTS, 'tried-out.png') });
    expect(faults).toEqual([]);
  });

  it.each(LOOKS)('$path fits $width pixels, $scheme', async ({ path, scheme, width }) => {
    const page = await browser!.newPage({ viewport: { width, height: 900 }, colorScheme: scheme });
    const faults = watch(page, `127.0.0.1:${server!.port}`);
    await page.goto(server!.url + path, { waitUntil: 'networkidle' });
    await page.locator('h1, .info .title').first().waitFor();
    const [shown, brightness] = await page.evaluate<[number, number]>(`[
      document.documentElement.scrollWidth,
      Number(/\\d+/.exec(getComputedStyle(document.body).backgroundColor)[0]),
    ]`);

    expect(shown).toBe(width);
    if (scheme === 'dark') expect(brightness).toBeLessThan(64);
    else expect(brightness).toBeGreaterThan(192);
    expect(await page.locator('.bar .name').innerText()).toMatch(/^Nestor\s/);
    if (SCREENSHOTS !== undefined)
      await page.screenshot({
        path: join(SCREENSHOTS, `${path.replaceAll('/', '_')}-${width}-${scheme}.png`),
      });
    expect(faults).toEqual([]);
    await page.close();
  });

  it('the page at / gives a command to copy, and loads the pictures of a model when it is opened', async () => {
    const page = await browser!.newPage({ viewport: { width: 1280, height: 900 } });
    const faults = watch(page, `127.0.0.1:${server!.port}`);
    await page.goto(server!.url, { waitUntil: 'networkidle' });
    await page.locator('#model-turnover summary').click();
    await page.locator('#model-turnover img').first().scrollIntoViewIfNeeded();
    const width = `document.querySelector('#model-turnover img').naturalWidth`;
    await expect.poll(() => page.evaluate(width), { timeout: 20_000 }).toBeGreaterThan(0);

    const command = await page.locator('#model-turnover .curl code').innerText();
    expect(command).toMatch(
      new RegExp(`^curl 'http://127.0.0.1:${server!.port}/models/turnover/predict' -H .* -d '{"satis`),
    );
    expect(faults).toEqual([]);
  });

  it.each(['turnover', 'sentiment-deep'])('the card of %s fits the width of a phone', async (model) => {
    const page = await browser!.newPage({ viewport: { width: 390, height: 844 } });
    const faults = watch(page, `127.0.0.1:${server!.port}`);
    await page.goto(`${server!.url}/models/${model}/versions/1/card`, { waitUntil: 'networkidle' });

    expect(await page.locator('h1').innerText()).toBe(`${model}, version 1`);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    if (SCREENSHOTS !== undefined)
      await page.screenshot({ path: join(SCREENSHOTS, `card-${model}.png`), fullPage: true });
    expect(faults).toEqual([]);
  });

  it('would be seen to ask another host (control run)', async () => {
    const page = await browser!.newPage();
    const faults = watch(page, 'elsewhere:1');
    await page.goto(`${server!.url}/docs`);

    expect(faults).toContain(`foreign host: ${server!.url}/docs`);
  });
});
