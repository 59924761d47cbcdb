import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { CHROMIUM_HINT, HAS_CHROMIUM, openBrowser, watch } from '../support/browser.js';
import { withKeys } from '../support/keys.js';
import { startServer } from '../support/server.js';

/** Where screenshots go for somebody to look at; not set: none are taken. */
const SCREENSHOTS = process.env['SCREENSHOTS'];
const { settings, keys } = withKeys({ reader: { scopes: ['predict'] }, scraper: { scopes: ['metrics'] } });

describe.skipIf(!HAS_CHROMIUM)(`a browser where callers need keys (${CHROMIUM_HINT})`, async () => {
  const server = HAS_CHROMIUM ? await startServer(settings) : undefined;
  const browser = HAS_CHROMIUM ? await openBrowser() : undefined;

  /** A page at `path`, and what it did that it should not; that a key is asked for is no fault. */
  async function open(path: string, width = 1280): Promise<{ page: Page; faults: () => string[] }> {
    const page = await browser!.newPage({ viewport: { width, height: 900 } });
    const faults = watch(page, `127.0.0.1:${server!.port}`);
    await page.goto(server!.url + path, { waitUntil: 'networkidle' });
    return { page, faults: () => faults.filter((fault) => !/\b40[13]\b/.test(fault)) };
  }
  async function give(page: Page, key: string): Promise<void> {
    await page.getByLabel('Key').fill(key);
    await page.getByRole('button', { name: 'Show' }).click();
  }
  async function shoot(page: Page, name: string): Promise<void> {
    if (SCREENSHOTS === undefined) return;
    mkdirSync(SCREENSHOTS, { recursive: true });
    await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
  }
  const heading = (page: Page): Promise<string> => page.locator('h1').innerText();

  it.each([
    ['/', 'Models'],
    ['/models/turnover/versions/1/card', 'turnover, version 1'],
    ['/models/turnover/drift', 'turnover, version 1: drift'],
    ['/models/iris/quality?version=1', 'iris, version 1: quality'],
  ])('is asked for one, with which %s is shown', async (path, title) => {
    for (const width of [1280, 390]) {
      const { page, faults } = await open(path, width);
      expect(await heading(page)).toBe('This needs a key');
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      await shoot(page, `key-asked-${width}`);
      await give(page, keys.reader);
      await page.getByRole('heading', { level: 1, name: title }).waitFor();
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      await shoot(page, `key-given${path.replaceAll(/\W/g, '_')}-${width}`);
      expect(faults()).toEqual([]);
      await page.close();
    }
  });

  it('is told of a wrong key and asked again, and of one that may not see the page', async () => {
    const { page, faults } = await open('/');
    for (const [key, said] of [
      ['nst_wrong', 'This key is not known, or no longer; ask the operator for another one.'],
      ['schlüssel', 'A key is one word of letters, digits, _ and -.'],
      [
        keys.scraper,
        'This needs the scope predict, and the key has metrics; ask the operator for a key that has it.',
      ],
    ] as const) {
      await give(page, key);
      await page.getByRole('alert').getByText(said).waitFor();
      expect(await heading(page)).toBe('This needs a key');
    }
    await shoot(page, 'key-refused');
    await give(page, keys.reader);
    await page.locator('#model-turnover').waitFor();
    expect(faults()).toEqual([]);
  });

  it('follows links, goes back, shows pictures and what is no page', async () => {
    const { page, faults } = await open('/');
    await give(page, keys.reader);
    // The script of the index runs again.
    await page.getByRole('button', { name: 'Copy' }).first().waitFor();
    await page.locator('#model-turnover summary').click();
    await page.locator('#model-turnover img').first().scrollIntoViewIfNeeded();
    const width = `document.querySelector('#model-turnover img')?.naturalWidth`;
    await expect.poll(() => page.evaluate(width), { timeout: 20_000 }).toBeGreaterThan(0);

    await page.locator('#model-turnover').getByRole('link', { name: 'Model card' }).click();
    await page.getByRole('heading', { level: 1, name: 'turnover, version 1' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/models/turnover/versions/1/card');
    await page.locator('img').first().scrollIntoViewIfNeeded();
    await expect.poll(() => page.evaluate(`document.querySelector('img').naturalWidth`)).toBeGreaterThan(0);
    await shoot(page, 'key-card');
    await page.goBack();
    await page.locator('#model-turnover summary').click();
    await page.locator('#model-turnover').getByRole('link', { name: 'As JSON' }).click();
    await page.locator('pre').getByText('"name": "turnover"').waitFor();
    await shoot(page, 'key-json');
    await page.getByRole('link', { name: 'Models' }).click();
    await page.getByRole('button', { name: 'Copy' }).first().waitFor();
    await page.getByRole('link', { name: 'Metrics' }).click();
    await page.getByRole('alert').getByText('This needs the scope metrics').waitFor();
    await give(page, keys.scraper);
    await page.getByRole('alert').getByText('This needs the scope predict').waitFor();
    await page.goto('about:blank');
    expect(faults()).toEqual([]);
  });

  it('forgets it with the tab, or when the page is loaded again', async () => {
    const { page } = await open('/');
    await give(page, keys.reader);
    await page.locator('#model-turnover').waitFor();
    const kept = await page.evaluate<string>(
      `JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href, history.state,
        document.documentElement.outerHTML, Object.keys(window)])`,
    );
    expect(kept).not.toContain(keys.reader);
    expect(await page.context().cookies()).toEqual([]);
    await page.reload();
    expect(await heading(page)).toBe('This needs a key');
    expect(await page.getByLabel('Key').inputValue()).toBe('');
  });

  it('sends it from Swagger UI, which forgets it as well', async () => {
    // The groups of one model: the page of all takes its time.
    const { page, faults } = await open('/docs?model=iris');
    const answer = (status: string): Locator =>
      page.locator('.live-responses-table td.response-col_status', { hasText: status });
    await page.locator('#operations-tag-iris').click();
    await page.locator('.opblock-post .opblock-summary-control').first().click();
    await page.locator('.try-out__btn').click();
    await page.locator('.execute').click();
    await answer('401').waitFor();
    await page.locator('.btn.authorize').first().click();
    await page.locator('.modal-ux input').fill(keys.reader);
    await page.locator('.modal-ux .btn.authorize').click();
    await shoot(page, 'swagger-authorized');
    await page.locator('.btn-done').click();
    await page.locator('.execute').click();
    await answer('200').waitFor();
    await shoot(page, 'swagger-tried');
    expect(faults()).toEqual([]);
    await page.reload();
    await page.locator('.btn.authorize.unlocked').first().waitFor();
    const kept = await page.evaluate(
      `JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])`,
    );
    expect(kept).not.toContain('nst_');
  });

  it('sends it from the page of the DEEPaaS API', async () => {
    const { page } = await open('/ui');
    await page.locator('.btn.authorize').first().click();
    await page.locator('.modal-ux input').fill(keys.reader);
    await page.locator('.modal-ux .btn.authorize').click();
    await page.locator('.btn-done').click();
    const list = page.locator('.opblock', { has: page.locator('[data-path="/v2/models/"]') });
    if ((await list.locator('.try-out__btn').count()) === 0)
      await list.locator('.opblock-summary-control').click();
    await list.locator('.try-out__btn').click();
    await list.locator('.execute').click();
    await list.locator('.live-responses-table .response-col_status', { hasText: '200' }).waitFor();
    await shoot(page, 'deepaas-tried');
  });
});
