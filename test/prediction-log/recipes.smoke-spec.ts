import { execFile } from 'node:child_process';
import { cpSync, existsSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { startServer } from '../support/server.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const PYTHON = fileURLToPath(new URL('../../python/.venv/bin/python', import.meta.url));
const AUDITOR = readFileSync(new URL('../../docs/auditor.md', import.meta.url), 'utf8');
/** The recipes of the page, behind the one of a hash: one that reads the tree with pandas, one that asks the server again. */
const [, TABLE, REPLAY] = [...AUDITOR.matchAll(/^```python run package\n([^]*?)^```/gm)].map(
  ([, text]) => text!,
);
/** What others take for the end of a line. */
const ENDS = ['\u2028', '\u2029', '\u0085', '\v', '\f', '\r', '\r\n', '\u001c', '\u001e', '\n'];

describe.skipIf(!existsSync(PYTHON))('the recipes for the auditor', async () => {
  const predictions = temporaryFolder();
  const server = await startServer({ PREDICTION_LOG_DIR: predictions });
  const labels: string[] = [];
  for (const end of ENDS) {
    const reply = await server.post('/models/sentiment/predict', { text: `good${end}movie` });
    labels.push(((await reply.json()) as { label: string }).label);
  }
  const [plain, packed] = [temporaryFolder(), temporaryFolder()];
  for (const folder of [plain, packed]) cpSync(predictions, join(folder, 'predictions'), { recursive: true });
  for (const path of globSync(join(packed, 'predictions/*/*/*.ndjson'))) {
    writeFileSync(`${path}.gz`, gzipSync(readFileSync(path)));
    writeFileSync(`${path}.torn`, '{"prediction_id":"01');
    rmSync(path);
  }

  const run = async (recipe: string, cwd: string): Promise<string[]> => {
    const text = recipe.replaceAll('http://localhost:3000', server.url);
    return (await promisify(execFile)(PYTHON, ['-c', text], { cwd })).stdout.trim().split('\n');
  };

  it.each([
    ['plain', plain],
    ['packed', packed],
  ])('replay texts with every kind of line end, %s', async (_what, folder) => {
    expect(await run(REPLAY!, folder)).toEqual(ENDS.map(() => 'sentiment True'));
  });

  it.each([
    ['plain', plain],
    ['packed', packed],
  ])('make a table of such texts, %s', async (_what, folder) => {
    const rows = await run(TABLE!.replace('"petal_length"', '"version"'), folder);

    expect(rows).toEqual(['model,version,label', ...labels.map((label) => `sentiment,1,${label}`)]);
  });
});
