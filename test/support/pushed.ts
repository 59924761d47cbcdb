import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { packVersion } from '../../src/artifacts/pack-version.js';
import type { Answer, TestApp } from './create-app.js';

export const TAR = { 'content-type': 'application/x-tar' };

/** A version folder as it is pushed. */
export async function tarOfFolder(folder: string): Promise<Buffer> {
  return buffer((await packVersion(folder)).tar);
}

export function push(app: TestApp, model: string, tar: Buffer): Promise<Answer> {
  return app.send('POST', `/models/${model}/versions`, tar, TAR);
}

/** Every file and folder below `root`, but the empty folder that uploads begin in. */
export function tree(root: string): string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name !== '.uploads')
    .map((name) => join('/', name))
    .toSorted();
}
