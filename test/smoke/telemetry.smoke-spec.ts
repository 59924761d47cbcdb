import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ARTIFACTS } from '../support/artifacts.js';
import { startServer } from '../support/server.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MODEL = join(ARTIFACTS, 'turnover', '1', 'model.onnx');
const traceIn = (home: string): boolean =>
  existsSync(join(home, '.cache/Microsoft/DeveloperTools/.onnxruntime'));

describe("onnxruntime's telemetry", () => {
  it('is off: a server that has predicted leaves no trace of it', async () => {
    const home = temporaryFolder();
    const server = await startServer({ HOME: home });
    expect((await server.post('/predict', TURNOVER_ROW)).status).toBe(200);
    await server.stop();

    expect(traceIn(home)).toBe(false);
  });

  it('would leave that trace if it were on (control run)', () => {
    const home = temporaryFolder();
    const load = `import ort from 'onnxruntime-node'; await ort.InferenceSession.create(${JSON.stringify(MODEL)});`;
    execFileSync(process.execPath, ['--input-type=module', '-e', load], {
      cwd: ROOT,
      env: { PATH: process.env['PATH'], HOME: home },
    });

    expect(traceIn(home)).toBe(true);
  });
});
