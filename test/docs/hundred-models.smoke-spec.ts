import { cpSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { ArtifactCopy, ARTIFACTS } from '../support/artifacts.js';
import { CHROMIUM_HINT, HAS_CHROMIUM, openBrowser, watch } from '../support/browser.js';
import { startServer } from '../support/server.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const NAMES = Array.from({ length: 100 }, (_, index) => `iris-${index + 1}`);
/** What a browser shows without being seen to work: ReDoc has some 16,000 with one model, and with all hundred it would have twenty times as many. */
const MAX_ELEMENTS = 20_000;

const root = temporaryFolder();
for (const name of NAMES) {
  const copy = new ArtifactCopy(root, name, '1');
  cpSync(join(ARTIFACTS, 'iris', '1'), copy.folder, { recursive: true });
  copy.editManifest((manifest) => {
    manifest.model = name;
  });
}
const server = await startServer({ ARTIFACTS_DIR: root });

describe('a server of a hundred models', () => {
  it('lists them as people count', async () => {
    const { models } = (await (await fetch(`${server.url}/models`)).json()) as { models: { name: string }[] };
    const { tags } = (await (await fetch(`${server.url}/openapi.json`)).json()) as {
      tags: { name: string }[];
    };

    expect(models.map(({ name }) => name)).toEqual(NAMES);
    expect(tags.map(({ name }) => name).slice(0, 100)).toEqual(NAMES);
  });
});

describe.skipIf(!HAS_CHROMIUM)(`its pages in a browser (${CHROMIUM_HINT})`, async () => {
  const browser = HAS_CHROMIUM ? await openBrowser() : undefined;

  async function open(path: string, shows: string): Promise<{ page: Page; faults: string[] }> {
    const page = await browser!.newPage({ viewport: { width: 1280, height: 900 } });
    const faults = watch(page, `127.0.0.1:${server.port}`);
    await page.goto(server.url + path);
    await page.locator(shows).first().waitFor();
    return { page, faults };
  }
  const elements = (page: Page): Promise<number> => page.evaluate(`document.querySelectorAll('*').length`);

  it('/ is a list of closed lines, in which a model is found', async () => {
    const { page, faults } = await open('/', '.models');
    const lines = page.locator('.models > li:visible');

    expect(await lines.locator('b').allInnerTexts()).toEqual(NAMES);
    expect(await page.locator('details[open]').count()).toBe(0);
    expect(await elements(page)).toBeLessThan(MAX_ELEMENTS);
    await page.getByPlaceholder('Find a model').fill(' IRIS-77');
    expect(await lines.locator('b').allInnerTexts()).toEqual(['iris-77']);
    expect(faults).toEqual([]);
  });

  it.each([
    ['/docs', '.opblock-tag', '#operations-tag-iris-77'],
    ['/redoc', 'h1', 'h2:text-is("iris-77")'],
  ])('%s shows one model, and any other that is asked for', async (path, shows, group) => {
    const { page, faults } = await open(path, shows);

    expect(await page.locator('#model').getAttribute('placeholder')).toBe('iris-1, one of 100');
    expect(await elements(page)).toBeLessThan(MAX_ELEMENTS);
    expect(await page.locator('.opblock').count()).toBe(0);
    await page.locator('#model').fill('nobody');
    await page.locator('#model').press('Enter');
    expect(await page.locator('#model:invalid').count()).toBe(1);
    await page.locator('#model').fill('iris-77');
    await page.locator('#model').press('Enter');
    await page.locator(group).waitFor();
    expect(new URL(page.url()).search).toBe('?model=iris-77');
    expect(await page.locator('#models option').count()).toBe(100);
    expect(faults).toEqual([]);
  });
});
