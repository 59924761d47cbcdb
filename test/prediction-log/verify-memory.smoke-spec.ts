import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { newId } from '../../src/observability/ids.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const NESTOR = fileURLToPath(new URL('../../bin/nestor.js', import.meta.url));
/** VERIFIED_IDS=17000000 is more than a Set can hold. A million ids alone are 80 MB as texts. */
const IDS = Number(process.env['VERIFIED_IDS'] ?? 1_500_000);
const LINES = 10_000;

describe('nestor log verify', () => {
  it(`finds the one id of ${IDS} that stands twice, with a heap of 64 MB`, { timeout: 600_000 }, async () => {
    const root = temporaryFolder();
    const folder = join(root, 'model=m', 'date=2026-01-02');
    mkdirSync(folder, { recursive: true });
    const path = join(folder, 'h-1-1.ndjson');
    const file = createWriteStream(path);
    const twice = newId();
    const line = (id: string): string => `{"prediction_id":"${id}","model":"m"}\n`;
    file.write(line(twice));
    for (let written = 1; written < IDS; written += LINES) {
      const lines = Array.from({ length: Math.min(LINES, IDS - written) }, () => line(newId()));
      if (!file.write(lines.join(''))) await once(file, 'drain');
    }
    file.end(line(twice));
    await finished(file);

    const command = ['--max-old-space-size=64', NESTOR, 'log', 'verify', root, '--json'];
    const failure: unknown = await promisify(execFile)(process.execPath, command).catch(
      (error: unknown) => error,
    );
    const { code, stdout } = failure as { code: number; stdout: string };
    expect([code, JSON.parse(stdout)]).toEqual([
      1,
      {
        files: 1,
        records: IDS + 1,
        models: { m: IDS + 1 },
        torn: 0,
        tornAt: [],
        duplicates: 1,
        duplicatesAt: [`${path}:${IDS + 1} ${twice}`],
        quarantined: 0,
        pruned: 0,
        sealed: 0,
        unsealed: 0,
        earlier: 1,
        erased: 0,
        faults: [],
      },
    ]);
  });
});
