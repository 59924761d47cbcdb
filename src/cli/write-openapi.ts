import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApp } from '../app.setup.js';
import { AppConfig } from '../config/app-config.js';
import { openApiDocument } from '../docs/openapi.js';

/** Writes the document that /openapi.json would serve for the models of ARTIFACTS_DIR. */
export async function writeOpenApi(path: string | undefined): Promise<number> {
  const records = mkdtempSync(join(tmpdir(), 'nestor-openapi-'));
  try {
    const { ARTIFACTS_DIR } = AppConfig.environment();
    const app = await createApp(
      AppConfig.from({ ARTIFACTS_DIR, PREDICTION_LOG_DIR: records, LOG_LEVEL: 'error' }),
    );
    await app.init();
    const text = `${JSON.stringify(openApiDocument(app), null, 2)}\n`;
    await app.close();
    if (path === undefined) process.stdout.write(text);
    else writeFileSync(path, text);
    return 0;
  } finally {
    rmSync(records, { recursive: true, force: true });
  }
}
