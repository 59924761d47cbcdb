// npm run screenshots -- <folder>: pictures of the pages as they are built, to look at: each at two widths, light and dark,
// for the models of this checkout and for a hundred. Needs Chromium (CHROMIUM_PATH, else /usr/bin/chromium).
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { copyIris } from '../bench/iris-copies.mjs';
import { ARTIFACTS } from '../bench/machine.mjs';
import { startNestor } from '../bench/server.mjs';

const PAGES = { index: '/', docs: '/docs', redoc: '/redoc' };
const SCREENS = [
  { width: 1280, height: 900 },
  { width: 390, height: 844 },
];
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-sync'];

const [folder, ...rest] = process.argv.slice(2);
if (folder === undefined || rest.length > 0) {
  console.error('usage: npm run screenshots -- <folder>');
  process.exit(2);
}
mkdirSync(folder, { recursive: true });
const work = mkdtempSync(join(tmpdir(), 'nestor-screenshots-'));
const hundred = join(work, 'models');
cpSync(ARTIFACTS, hundred, { recursive: true });
for (let number = 1; number <= 95; number++) copyIris(hundred, `iris-${number}`);
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
  args: FLAGS,
});

try {
  await photograph('5', ARTIFACTS);
  await photograph('100', hundred);
} finally {
  await browser.close();
  rmSync(work, { recursive: true, force: true });
}

async function photograph(models, artifacts) {
  // Production has no documentation.
  const env = { APP_STAGE: 'acceptance', ARTIFACTS_DIR: artifacts };
  const server = await startNestor(undefined, mkdtempSync(join(work, 'server-')), env);
  try {
    for (const viewport of SCREENS)
      for (const colorScheme of ['light', 'dark']) {
        const page = await browser.newPage({ viewport, colorScheme });
        for (const [name, path] of Object.entries(PAGES)) {
          await page.goto(server.url + path, { waitUntil: 'networkidle', timeout: 120_000 });
          await page.locator('h1, .info .title').first().waitFor({ timeout: 120_000 });
          const file = join(folder, `${name}-${models}-${viewport.width}-${colorScheme}.png`);
          await page.screenshot({ path: file });
          console.log(file);
        }
        await page.close();
      }
  } finally {
    await server.stop();
  }
}
