import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { copyTurnover } from '../support/artifacts.js';
import { Connection, getRequest, jsonRequest } from '../support/connection.js';
import { isOpen, untilClosed } from '../support/ports.js';
import { spawnServer, startServer } from '../support/server.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

const ARTIFACTS_DIR = copyTurnover().root;
const PREDICT = jsonRequest('/models/turnover/predict', TURNOVER_ROW);

describe('a server with a port for management', () => {
  it('names both, tells there how it ends until the last call of the other is answered, and ends both', async () => {
    const server = await startServer({ ARTIFACTS_DIR, MANAGEMENT_PORT: '0' });
    const { management, docs } = JSON.parse(/.*"listening".*/.exec(server.stdout)![0]) as {
      management: string;
      docs: string;
    };
    const port = Number(new URL(management).port);
    expect(docs).toBe(`${management}/docs`);
    const [begun, kept] = await Promise.all([Connection.open(server.port), Connection.open(port)]);
    expect(await kept.call(getRequest('/health/ready'))).toMatchObject({ status: 200 });
    begun.socket.write(PREDICT.slice(0, -5));
    // When this is answered, what was sent before has been read.
    await server.post('/models/turnover/predict', TURNOVER_ROW);
    const ended = server.stop();
    await untilClosed(server.port);

    expect(await isOpen(port)).toBe(true);
    expect(await kept.call(getRequest('/health/ready'))).toMatchObject({
      status: 503,
      headers: { connection: 'close' },
      body: expect.stringContaining('"shutting_down"') as string,
    });
    expect((await fetch(`${management}/metrics`)).status).toBe(200);
    // Nothing would come of waiting, and whoever is told so at once asks again at once.
    expect(await fetch(`${management}/runners/claim`, { method: 'POST' })).toMatchObject({ status: 503 });
    expect(await begun.call(PREDICT.slice(-5))).toMatchObject({ status: 200 });
    expect(await ended).toMatchObject({ code: 0, signal: null });
    expect(await isOpen(port)).toBe(false);
    expect(server.stderr).toBe('');
  });

  it('does not start, and serves nobody, where that port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const server = spawnServer({ ARTIFACTS_DIR, MANAGEMENT_PORT: String(port) });

    expect(await server.ended).toMatchObject({ code: 1 });
    expect(server.stderr).toMatch(
      new RegExp(
        `^Nestor cannot start:\n  - MANAGEMENT_PORT: .*address already in use 127\\.0\\.0\\.1:${port}\n {4}mend: .+ another MANAGEMENT_PORT\n$`,
      ),
    );
    expect(server.stdout).not.toContain('"listening"');
    other.close();
  });
});
