import { Callers } from '../support/callers.js';
import { HAS_NGINX, startNginx } from '../support/nginx.js';
import { freePort } from '../support/ports.js';
import { type Server, startServer } from '../support/server.js';

const ROUNDS = Number(process.env['RESTART_ROUNDS'] ?? 2);
/** The callers go on after the last restart until they have made so many calls. */
const CALLS = Number(process.env['RESTART_CALLS'] ?? 2_000);
/** In so many stops; asked for in full, there may be none. */
const MOST_RESETS = ROUNDS > 2 ? 0 : 1;

describe.skipIf(!HAS_NGINX)('rolling restarts of two servers behind nginx', () => {
  it(
    'are not noticed by any caller',
    async () => {
      const start = (port: number): Promise<Server> =>
        startServer({ PORT: String(port), SHUTDOWN_DELAY_MS: '500' });
      const ports = [await freePort(), await freePort()];
      const servers = await Promise.all(ports.map(start));
      const balancer = await freePort();
      const complaints = await startNginx(balancer, ports);
      const callers = new Callers(balancer);
      for (let round = 0; round < ROUNDS; round++) {
        for (const [index, port] of ports.entries()) {
          expect(await servers[index]!.stop()).toMatchObject({ code: 0, signal: null });
          servers[index] = await start(port);
          await callers.until(callers.calls + 200);
        }
      }
      await callers.until(CALLS);
      await callers.stop();

      // Linux cannot accept and close in one call: who connects in the microseconds between may be reset.
      expect(callers.failures.length, complaints()).toBeLessThanOrEqual(MOST_RESETS);
      expect(callers.failures.every((failure) => failure.startsWith('502 '))).toBe(true);
      expect(callers.overloaded).toBeLessThan(callers.calls / 10);
      if (ROUNDS > 2)
        console.log(
          `${callers.calls} calls in ${ROUNDS} rounds, 0 failures, ${callers.overloaded} refused for overload`,
        );
    },
    120_000 + ROUNDS * 60_000,
  );
});
