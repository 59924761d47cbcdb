import { existsSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { type Browser, chromium, type Page } from 'playwright-core';
import { atEnd } from './clean-up.js';

const CHROMIUM = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';

export const HAS_CHROMIUM = existsSync(CHROMIUM);

/** For the name of a test that is skipped: how its browser comes onto the machine. */
export const CHROMIUM_HINT = 'skipped without Chromium: apt-get install chromium, or set CHROMIUM_PATH';

/** An address of this machine that is not loopback, as a browser on another machine would use it. */
export function outerAddress(): string | undefined {
  const addresses = Object.values(networkInterfaces()).flat();
  return addresses.find((each) => each?.family === 'IPv4' && !each.internal)?.address;
}

export async function openBrowser(): Promise<Browser> {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  atEnd(() => browser.close());
  return browser;
}

/** What a page did that it should not: errors, refusals by the policy, requests to other hosts. */
export function watch(page: Page, host: string): string[] {
  const faults: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('requestfailed', (request) => faults.push(`failed: ${request.url()}`));
  page.on('response', (response) => {
    if (response.status() >= 400) faults.push(`${response.status()}: ${response.url()}`);
  });
  page.on('request', (request) => {
    const url = new URL(request.url());
    const isOwn = url.protocol === 'data:' || url.protocol === 'blob:' || url.host === host;
    if (!isOwn) faults.push(`foreign host: ${request.url()}`);
  });
  return faults;
}
