import {
  type BeforeApplicationShutdown,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';

const SWEEP_MS = 50;
/** A request that has not arrived by then is given up; an orchestrator kills soon after SIGTERM in any case. */
const DEADLINE_MS = 4_000;

/**
 * Ends a shutdown when the last request has been answered. Closing the server closes the connections that are idle at
 * that moment; one that was busy would stay open for its keep-alive time, more than a minute, and hold the process. So
 * would one that never sent a byte (a load balancer's probe, a browser's preconnect), which Node does not call idle.
 */
@Injectable()
export class ConnectionDrain
  implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown
{
  private readonly sockets = new Set<Socket>();
  private sweep: NodeJS.Timeout | undefined;
  private deadline: NodeJS.Timeout | undefined;

  constructor(private readonly host: HttpAdapterHost) {}

  onApplicationBootstrap(): void {
    this.server().on('connection', (socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
  }

  beforeApplicationShutdown(): void {
    const server = this.server();
    this.sweep = setInterval(() => {
      server.closeIdleConnections();
      for (const socket of this.sockets) {
        if (socket.bytesRead === 0) socket.destroy();
      }
    }, SWEEP_MS);
    this.deadline = setTimeout(() => server.closeAllConnections(), DEADLINE_MS);
  }

  onApplicationShutdown(): void {
    clearInterval(this.sweep);
    clearTimeout(this.deadline);
  }

  private server(): Server {
    return this.host.httpAdapter.getHttpServer() as Server;
  }
}
