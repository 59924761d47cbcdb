import { setTimeout as after } from 'node:timers/promises';
import { verifyTree } from '../../src/journal/verify.js';
import { readRecords } from '../support/records.js';
import { type Server, startServer } from '../support/server.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

const ROUNDS = Number(process.env['CRASH_ROUNDS'] ?? 3);
const CONNECTIONS = 16;

/** Calls without pause until the server is gone. @returns the ids of whole replies with 2xx. */
async function callUntilGone(server: Server, isBulk: boolean): Promise<string[]> {
  const ids: string[] = [];
  try {
    for (;;) {
      if (isBulk) {
        const instances = Array.from({ length: 40 }, () => TURNOVER_ROW);
        const reply = await server.post('/v1/models/turnover:predict', { instances });
        const { predictions } = (await reply.json()) as { predictions: { prediction_id: string }[] };
        if (reply.ok) ids.push(...predictions.map(({ prediction_id }) => prediction_id));
      } else {
        const reply = await server.post('/predict', TURNOVER_ROW);
        if (reply.ok) ids.push(reply.headers.get('x-prediction-id')!);
        await reply.text();
      }
    }
  } catch {
    return ids;
  }
}

describe.each(['written', 'synced'])('a server that is killed under load, at durability %s', (durability) => {
  const folder = temporaryFolder();
  const acknowledged: string[] = [];

  it.each(Array.from({ length: ROUNDS }, (_, index) => index + 1))(
    'has every acknowledged prediction in its files exactly once (round %i)',
    async () => {
      const server = await startServer({
        PREDICTION_LOG_DIR: folder,
        PREDICTION_LOG_FILE_BYTES: '100000',
        PREDICTION_LOG_DURABILITY: durability,
      });
      // However slow the machine is, one call is answered before the end.
      const first = await server.post('/predict', TURNOVER_ROW);
      acknowledged.push(first.headers.get('x-prediction-id')!);
      const calls = Array.from({ length: CONNECTIONS }, (_, index) => callUntilGone(server, index % 4 === 0));
      await after(50 + Math.random() * 400);
      await server.stop('SIGKILL');
      const ids = (await Promise.all(calls)).flat();
      acknowledged.push(...ids);
      // The next start mends what the kill left behind.
      await (await startServer({ PREDICTION_LOG_DIR: folder })).stop();

      const recorded = readRecords(folder).map(({ prediction_id }) => prediction_id);
      const counts = new Map<string, number>();
      for (const id of recorded) counts.set(id, (counts.get(id) ?? 0) + 1);
      expect(acknowledged.filter((id) => counts.get(id) !== 1)).toEqual([]);
      expect(await verifyTree(folder)).toMatchObject({ torn: 0, duplicates: 0, records: recorded.length });
    },
  );
});
