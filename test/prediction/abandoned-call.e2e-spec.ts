import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { vi } from 'vitest';
import { createTestApp } from '../support/create-app.js';
import { metric } from '../support/metrics.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

const app = await createTestApp();
await app.app.listen(0, '127.0.0.1');
const { port } = app.app.getHttpServer().address() as { port: number };
const ROUTE = '/v1/models/turnover:predict';
const bodyOf = (number_project: number): string =>
  JSON.stringify({ instances: Array.from({ length: 10_000 }, () => ({ ...TURNOVER_ROW, number_project })) });

describe('a large call whose caller has gone', () => {
  it('is neither run nor recorded when its turn comes', async () => {
    const before = [2, 3, 4, 5].map((project) => app.post(ROUTE, bodyOf(project)));
    const body = bodyOf(6);
    const socket = connect(port, '127.0.0.1');
    const head = `POST ${ROUTE} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}`;
    await new Promise((resolve) => socket.write(`${head}\r\n\r\n${body}`, resolve));
    await delay(50);
    socket.destroy();
    await once(socket, 'close');
    const replies = await Promise.all([...before, app.post(ROUTE, bodyOf(7))]);

    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    await vi.waitFor(async () => {
      const gone = { route: ROUTE.replace('turnover', ':model'), status: '499' };
      const { text } = await app.get('/metrics');
      expect(metric(text, 'http_server_request_duration_seconds_count', gone)).toBe(1);
    });
    const recorded = new Set(app.records().map(({ inputs }) => inputs['number_project']));
    expect(recorded).toEqual(new Set([2, 3, 4, 5, 7]));
  });
});
