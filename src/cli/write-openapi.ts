import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApp } from '../app.setup.js';
import { AppConfig } from '../config/app-config.js';
import { openApiDocument } from '../docs/openapi.js';
import { type ModelState, ModelRegistry } from '../models/model-registry.js';
import { Failure } from './failure.js';

/**
 * Writes the document that /openapi.json would serve for the models of ARTIFACTS_DIR. A file that differs in the last
 * digits of numbers alone stays: they are answers of networks, which differ so between processors.
 * @throws Failure if one of them does not answer: a document without it would say that there is no such model.
 */
export async function writeOpenApi(path: string | undefined): Promise<number> {
  const records = mkdtempSync(join(tmpdir(), 'nestor-openapi-'));
  try {
    const { ARTIFACTS_DIR } = AppConfig.environment();
    const app = await createApp(
      AppConfig.from({ ARTIFACTS_DIR, PREDICTION_LOG_DIR: records, STATE_DIR: records, LOG_LEVEL: 'error' }),
    );
    await app.init();
    const missing = app
      .get(ModelRegistry)
      .all()
      .filter(({ champion }) => champion === undefined);
    const text = `${JSON.stringify(openApiDocument(app), null, 2)}\n`;
    await app.close();
    if (missing.length > 0) throw new Failure(`nothing is written:\n${missing.map(reasons).join('\n')}`);
    if (path === undefined) process.stdout.write(text);
    else if (!existsSync(path) || !isAlike(JSON.parse(readFileSync(path, 'utf8')), JSON.parse(text)))
      writeFileSync(path, text);
    return 0;
  } finally {
    rmSync(records, { recursive: true, force: true });
  }
}

function reasons({ name, reason, versions }: ModelState): string {
  const ofVersions = versions.map(
    (each) => `version ${each.version} is ${each.phase}: ${each.reason ?? 'no reason'}`,
  );
  return `  model "${name}" does not answer: ${[...(reason === undefined ? [] : [reason]), ...ofVersions].join('; ')}`;
}

function isAlike(one: unknown, other: unknown): boolean {
  if (typeof one === 'number' && typeof other === 'number')
    return Math.abs(one - other) <= 1e-5 * Math.abs(one);
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null)
    return one === other;
  const [names, others] = [Object.keys(one), Object.keys(other)];
  return (
    names.join('\n') === others.join('\n') &&
    names.every((name) => isAlike(one[name as keyof typeof one], other[name as keyof typeof other]))
  );
}
