import cluster from 'node:cluster';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Siblings } from './channel/siblings.js';
import type { SignalListener } from './channel/signals.js';
import { Shutdown } from './http/shutdown.js';
import { AppLogger } from './observability/app-logger.js';

/**
 * Has this process end when a signal says so, or its primary, or when that has gone. Signals of a terminal come to all
 * processes of a server: the first of the own and the first word of the primary are one wish.
 */
export function endWhenTold(app: NestFastifyApplication, listen: (listener: SignalListener) => void): void {
  const shutdown = app.get(Shutdown);
  const logger = app.get(AppLogger);
  const { primary, isAlone } = app.get(Siblings);
  let hasBegun = false;
  let signals = 0;
  const end = (): void => {
    if (hasBegun) return;
    hasBegun = true;
    void close(app);
  };
  listen((asked) => {
    if (asked === 'end') {
      if (++signals > 1) shutdown.hurry();
      end();
    } else if (isAlone)
      logger.warn('SIGHUP replaces workers, and needs WORKERS to be 2 at least: nothing is done');
  });
  primary?.on('end', (isReplaced: boolean) => {
    if (isReplaced) shutdown.replace();
    end();
  });
  primary?.on('hurry', () => shutdown.hurry());
  cluster.worker?.once('disconnect', () => {
    // Node would end a worker at once. The port has gone with the primary, so nobody is to be turned away.
    cluster.worker!.exitedAfterDisconnect = true;
    shutdown.hurry();
    end();
  });
}

async function close(app: NestFastifyApplication): Promise<void> {
  try {
    await app.close();
    process.exit(0);
  } catch (error) {
    process.stderr.write(`the end of the server has failed: ${(error as Error).stack}\n`);
    process.exit(1);
  }
}
