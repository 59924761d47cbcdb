import { once } from 'node:events';
import { METHODS } from 'node:http';
import { createTestApp } from '../support/create-app.js';
import { Connection } from '../support/connection.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const app = await createTestApp({ LOG_DIR: temporaryFolder(), LOG_LEVEL: 'http' });
await app.app.listen(0, '127.0.0.1');
const { port } = app.app.getHttpServer().address() as { port: number };
/** Switches protocols where it is taken. */
const methods = METHODS.filter((method) => method !== 'CONNECT');

describe('whatever is asked, by each method that Node reads', () => {
  it.each(['*', '/', '/nowhere', '/predict', '/models/iris/predict', '/health/live', '//', '/models/%2f'])(
    'has an id and its own time: %s',
    async (path) => {
      for (const method of methods) {
        const connection = await Connection.open(port);
        connection.socket.write(`${method} ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
        const [head] = (await once(connection.socket, 'data')) as [Buffer];
        const id = /^x-request-id: (\S+)$/im.exec(head.toString())?.[1];

        expect(id, method).toMatch(/^[\w-]{36}$/);
        const line = await vi.waitFor(() => {
          const found = app.applicationLog().find(({ request_id }) => request_id === id);
          expect(found, method).toMatchObject({ method, duration_ms: expect.any(Number) });
          return found!;
        });
        expect(line['duration_ms'], method).toBeLessThan(1_000);
      }
    },
  );
});
