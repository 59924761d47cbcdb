import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import type { DriftReport } from '../../src/watch/drift-view.js';
import { ARTIFACTS } from '../support/artifacts.js';
import { HAS_POSTGRES, Postgres } from '../support/postgres.js';
import { readRecords } from '../support/records.js';
import { type Server, startServer } from '../support/server.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const ROWS = readFileSync(join(ARTIFACTS, 'turnover', '1', 'holdout.ndjson'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => (JSON.parse(line) as { inputs: object }).inputs);

async function send(server: Server, rows: number): Promise<void> {
  const reply = await server.post('/v1/models/turnover:predict', { instances: ROWS.slice(0, rows) });
  expect(reply.status).toBe(200);
  await reply.arrayBuffer();
}

async function rowsOf(server: Server): Promise<number> {
  const reply = await fetch(`${server.url}/models/turnover/drift`);
  const { windows } = (await reply.json()) as DriftReport;
  return windows.filter(({ seconds }) => seconds === 3_600).reduce((sum, { rows }) => sum + rows, 0);
}

/** Asks until all that was recorded is counted. */
async function untilCounted(server: Server, records: string): Promise<void> {
  const recorded = readRecords(records).length;
  while ((await rowsOf(server)) < recorded) await after(200);
  expect(await rowsOf(server)).toBe(recorded);
}

describe.skipIf(!HAS_POSTGRES)('servers on one state database', () => {
  it('count together what they have recorded, across restarts, and lose five seconds by a kill', async () => {
    const postgres = await Postgres.start();
    const records = temporaryFolder();
    const settings = { STATE_DATABASE_URL: await postgres.newDatabase(), PREDICTION_LOG_DIR: records };
    const [one, two] = await Promise.all([startServer(settings), startServer(settings)]);
    for (const rows of [400, 1, 30]) await Promise.all([send(one, rows), send(two, rows + 1)]);
    await one.stop();
    const again = await startServer(settings);
    await Promise.all([send(again, 10), send(two, 2_000)]);
    await untilCounted(again, records);
    const counted = await rowsOf(again);
    await send(two, 5);
    await two.stop('SIGKILL');
    await send(again, 20);
    while ((await rowsOf(again)) < counted + 20) await after(200);

    expect(await rowsOf(again)).toBeLessThanOrEqual(counted + 25);
    expect(counted).toBe(2 * (400 + 1 + 30) + 3 + 2_010);
  });
});
