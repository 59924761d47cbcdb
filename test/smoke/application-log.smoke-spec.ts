import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { metric } from '../support/metrics.js';
import { type Server, startServer } from '../support/server.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { MAY_MOUNT, smallDisk, takeSpace } from '../support/tmpfs.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

const REQUESTS = Number(process.env['LOG_REQUESTS'] ?? 2_000);
const AT_A_TIME = 16;

interface Line {
  readonly message: string;
  readonly request_id?: string;
}

const parse = (text: string): Line[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);

/** Predicts so often, with ids that begin so. */
async function call(server: Server, name: string, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, number) => `${name}-${number}`);
  const left = ids[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (const id of left) {
      const reply = await server.post('/predict', TURNOVER_ROW, { 'x-request-id': id });
      await reply.text();
      expect(reply.status).toBe(200);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  return ids;
}

const idsOf = (lines: readonly Line[], name: string): string[] =>
  lines.flatMap(({ request_id: id }) => (id?.startsWith(`${name}-`) ? [id] : []));

async function residentBytes(server: Server): Promise<number> {
  const reply = await fetch(`${server.url}/metrics`);
  return metric(await reply.text(), 'process_resident_memory_bytes');
}

describe('the application log', () => {
  it.skipIf(!MAY_MOUNT)(
    'goes on at the console while LOG_DIR is full, and resumes there by itself',
    async () => {
      const folder = smallDisk('1m');
      const server = await startServer({ LOG_LEVEL: 'http', LOG_DIR: folder });
      await call(server, 'before', 500);
      const release = takeSpace(folder);
      const memory = await residentBytes(server);
      const during = await call(server, 'during', REQUESTS);
      const grown = (await residentBytes(server)) - memory;
      release();
      await server.untilStdout(/"application log is copied to LOG_DIR again"/);
      const after = await call(server, 'after', 10);
      expect(await server.stop()).toMatchObject({ code: 0 });

      const console = parse(server.stdout);
      expect(idsOf(console, 'during').toSorted()).toEqual(during.toSorted());
      const warnings = console.filter(({ message }) => message.includes('LOG_DIR'));
      expect(warnings).toEqual([
        expect.objectContaining({
          level: 'warn',
          message: 'application log cannot be copied to LOG_DIR; lines are missing there until it can',
          error: expect.stringMatching(/^ENOSPC/),
        }),
        expect.objectContaining({
          level: 'warn',
          message: 'application log is copied to LOG_DIR again',
          lines_lost: expect.toSatisfy((lost: number) => lost >= REQUESTS * 0.9),
        }),
      ]);
      const file = parse(readFileSync(join(folder, 'nestor.log'), 'utf8'));
      expect(idsOf(file, 'after').toSorted()).toEqual(after.toSorted());
      // 38 MB per 100,000 requests was the leak.
      expect(grown).toBeLessThan(30_000_000);
      if (REQUESTS > 2_000) process.stdout.write(`${REQUESTS} requests: ${grown} bytes grown\n`);
    },
    60_000 + REQUESTS * 10,
  );

  it.skipIf(!MAY_MOUNT)('is in LOG_DIR as soon as there is room, if it was full at the start', async () => {
    const folder = smallDisk('1m');
    writeFileSync(join(folder, 'nestor.log'), '');
    const release = takeSpace(folder);
    const server = await startServer({ LOG_LEVEL: 'http', LOG_DIR: folder });
    release();
    await server.untilStdout(/"application log is copied to LOG_DIR again"/);
    const ids = await call(server, 'after', 10);
    await server.stop();

    const file = parse(readFileSync(join(folder, 'nestor.log'), 'utf8'));
    expect(idsOf(file, 'after').toSorted()).toEqual(ids.toSorted());
  });

  it('goes on in LOG_DIR when nobody reads standard output and error any more', async () => {
    const folder = temporaryFolder();
    const server = await startServer({ LOG_LEVEL: 'http', LOG_DIR: folder });
    server.child.stdout!.destroy();
    server.child.stderr!.destroy();
    const ids = await call(server, 'unheard', 100);

    expect(await server.stop()).toMatchObject({ code: 0, signal: null });
    const file = parse(readFileSync(join(folder, 'nestor.log'), 'utf8'));
    expect(idsOf(file, 'unheard').toSorted()).toEqual(ids.toSorted());
    expect(file.filter(({ message }) => message.includes('standard output'))).toEqual([
      expect.objectContaining({
        message: 'standard output cannot be written; its log ends here',
        error: expect.stringContaining('EPIPE'),
      }),
    ]);
  });
});
