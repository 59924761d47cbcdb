// npm run screenshots -- <folder>: pictures of the pages as they are built, to look at: each at two widths, light and dark,
// for the models of this checkout and for a hundred, and those of drift and quality when turnover is asked for longer hours than
// it was trained on. Needs Chromium (CHROMIUM_PATH, else /usr/bin/chromium).
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { copyIris } from '../bench/iris-copies.mjs';
import { ARTIFACTS } from '../bench/machine.mjs';
import { startNestor } from '../bench/server.mjs';

const PAGES = { index: '/', docs: '/docs', redoc: '/redoc' };
const WATCHED = { drift: '/models/turnover/drift', quality: '/models/turnover/quality' };
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
  await photograph('5', PAGES, { ARTIFACTS_DIR: ARTIFACTS });
  await photograph('100', PAGES, { ARTIFACTS_DIR: hundred });
  await photograph('turnover', WATCHED, { WINDOW_SECONDS: '6' }, longerHours);
} finally {
  await browser.close();
  rmSync(work, { recursive: true, force: true });
}

async function photograph(models, pages, settings, prepare) {
  // Production has no documentation.
  const env = { APP_STAGE: 'acceptance', ...settings };
  const server = await startNestor(undefined, mkdtempSync(join(work, 'server-')), env);
  try {
    await prepare?.(server);
    for (const viewport of SCREENS)
      for (const colorScheme of ['light', 'dark']) {
        const page = await browser.newPage({ viewport, colorScheme });
        for (const [name, path] of Object.entries(pages)) {
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

/**
 * Replays the rows that turnover has held out, and sends what was true of them: two windows as they are, then two in which one
 * department works longer.
 */
async function longerHours(server) {
  const path = join(ARTIFACTS, 'turnover', '1', 'holdout.ndjson');
  const held = readFileSync(path, 'utf8').trim().split('\n').map(JSON.parse);
  for (const longer of [0, 0, 80, 80]) {
    const instances = held.map(({ inputs }) => ({
      ...inputs,
      average_montly_hours: inputs.average_montly_hours + (inputs.sales === 'sales' ? longer : 0),
    }));
    const { predictions } = await post(server, '/v1/models/turnover:predict', { instances });
    await post(server, '/feedback', {
      feedback: predictions.map(({ prediction_id }, row) => ({ prediction_id, value: held[row].target })),
    });
    // Counts are added every five seconds, and a window has to be over.
    await wait(7_000);
  }
}

async function post(server, path, body) {
  const { status, text } = await server.call('POST', path, JSON.stringify(body));
  if (status !== 200) throw new Error(`POST ${path}: ${status} ${text}`);
  return JSON.parse(text);
}
