import { join } from 'node:path';
import { copyTurnover } from '../support/artifacts.js';
import { CHROMIUM_HINT, HAS_CHROMIUM, openBrowser, watch } from '../support/browser.js';
import { startServer } from '../support/server.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const MODELS = 100;
/** Where screenshots go for somebody to look at, and what the page cost is told; not set: neither. */
const SCREENSHOTS = process.env['SCREENSHOTS'];

describe.skipIf(!HAS_CHROMIUM)(`the page of ${MODELS} models (${CHROMIUM_HINT})`, async () => {
  const root = temporaryFolder();
  if (HAS_CHROMIUM)
    for (let number = 1; number <= MODELS; number++) copyTurnover({ root, name: `mine-${number}` });
  const server = HAS_CHROMIUM ? await startServer({ ARTIFACTS_DIR: root }) : undefined;
  const browser = HAS_CHROMIUM ? await openBrowser() : undefined;

  it('opens as a list of closed groups, of which one is found by its name', async () => {
    const page = await browser!.newPage({ viewport: { width: 1280, height: 1600 } });
    const faults = watch(page, `127.0.0.1:${server!.port}`);
    const metrics = await page.context().newCDPSession(page);
    await metrics.send('Performance.enable');
    await page.goto(`${server!.url}/docs`, { waitUntil: 'networkidle' });
    const groups = page.locator('.opblock-tag');
    await groups.last().waitFor();
    const cost = await metrics.send('Performance.getMetrics');

    expect(await groups.count()).toBeGreaterThan(MODELS);
    expect(await page.locator('.opblock').count()).toBe(0);
    await page.locator('.operation-filter-input').fill('mine-42');
    await expect.poll(() => groups.count()).toBe(1);
    await groups.first().click();
    await page.locator('.opblock').first().waitFor();
    expect(await page.locator('.opblock').count()).toBe(3);
    expect(faults).toEqual([]);
    if (SCREENSHOTS === undefined) return;
    await page.screenshot({ path: join(SCREENSHOTS, 'docs-many.png') });
    const seconds = cost.metrics.filter(({ name }) =>
      /^(TaskDuration|ScriptDuration|LayoutDuration|Nodes)$/.test(name),
    );
    console.info(seconds.map(({ name, value }) => `${name} ${value.toFixed(2)}`).join(', '));
  });
});
