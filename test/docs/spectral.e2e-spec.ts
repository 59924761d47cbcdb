import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createTestApp } from '../support/create-app.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const RULES = fileURLToPath(new URL('../../.spectral.yaml', import.meta.url));
const SPECTRAL = createRequire(import.meta.url).resolve('@stoplight/spectral-cli/dist/index.js');

async function lint(document: unknown): Promise<{ code: number; said: string }> {
  const path = join(temporaryFolder(), 'openapi.json');
  writeFileSync(path, JSON.stringify(document));
  const linter = spawn(process.execPath, [
    SPECTRAL,
    'lint',
    path,
    '--ruleset',
    RULES,
    '--fail-severity',
    'error',
  ]);
  let said = '';
  for (const stream of [linter.stdout, linter.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  }
  const [code] = (await once(linter, 'close')) as [number];
  return { code, said };
}

describe("Spectral's rules for OpenAPI", () => {
  it.each(['/openapi.json', '/swagger.json'])(
    'find no error in %s',
    async (path) => {
      const { body } = await (await createTestApp()).get(path);
      const { code, said } = await lint(body);

      expect(said).not.toMatch(/\berror\b {2}/);
      expect(code, said).toBe(0);
    },
    60_000,
  );

  it('find one in a document that has one (control run)', async () => {
    const { code, said } = await lint({ openapi: '3.1.0', info: {}, paths: { '/x': { get: {} } } });

    expect(said).toMatch(/\berror\b {2}/);
    expect(code).not.toBe(0);
  }, 60_000);
});
