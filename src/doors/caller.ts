import type { FastifyRequest } from 'fastify';
import type { Caller } from '../pipeline/prediction.js';
import { routeOf } from '../http/route-kind.js';

/** The caller of a prediction that came by HTTP; every door gets it here. */
export function callerOf(request: FastifyRequest): Caller {
  return new HttpCaller(request);
}

class HttpCaller implements Caller {
  readonly requestId: string;
  readonly route: string;
  readonly principal: string | null;
  readonly deadline: number;

  constructor(private readonly request: FastifyRequest) {
    this.requestId = request.id;
    this.principal = request.identity?.principal ?? null;
    this.route = routeOf(request).template;
    this.deadline = request.deadline;
  }

  /** Asked of the connection, so that no call needs a listener. */
  gone(): boolean {
    return this.request.raw.socket.destroyed;
  }

  /** One row was taken before the body was read. */
  pay(rows: number): void {
    this.request.allowance?.pay(rows - 1);
  }
}
