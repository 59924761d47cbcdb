import {
  type ArgumentsHost,
  Catch,
  type ExceptionFilter,
  HttpException,
  NotFoundException,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppLogger } from '../observability/app-logger.js';
import { unknownMediaType } from './content-headers.js';
import { routeOf } from './route-kind.js';
import type { Admission } from './admission.js';
import { AllowedMethods } from './allowed-methods.js';
import { ClientGone, Overloaded } from '../errors/errors.js';
import { NO_SUCH_ROUTE, type Problem, problem, retryAfterOf, toProblem } from './problems.js';

/** Whether the caller hung up, or broke HTTP, in the middle of its request. */
const isCutOff = ({ raw }: FastifyRequest): boolean => raw.destroyed && !raw.complete;

/** What the caller is told about; the framework's own refusal of a media type does not name it. */
function causeOf(error: unknown, request: FastifyRequest): unknown {
  if (isCutOff(request)) return new ClientGone();
  const isUnknownType = error instanceof HttpException && error.getStatus() === 415;
  return isUnknownType ? unknownMediaType(request.headers) : error;
}

/** The one place where an error becomes a reply. 5xx are logged with their stack; 4xx are the caller's and are not. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly allowedMethods: AllowedMethods,
    private readonly logger: AppLogger,
    private readonly admission: Admission,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    if (error instanceof HttpException && routeOf(request).kind === 'health') {
      // A health reply keeps the body that terminus gives it; an unready server is no failed request.
      void reply.status(error.getStatus()).send(error.getResponse());
      return;
    }
    const answer =
      error instanceof NotFoundException
        ? this.unrouted(request, reply)
        : toProblem(causeOf(error, request), request.id);
    if (answer.status === 500) {
      this.logger.failure('request failed', error, { request_id: request.id });
    }
    // Those who are refused before are counted there, and do not come here.
    if (error instanceof Overloaded) this.admission.addRefusedLate();
    const wait = retryAfterOf(error);
    if (wait !== undefined) void reply.header('retry-after', String(wait));
    void reply
      .status(answer.status)
      .type('application/problem+json; charset=utf-8')
      .send(JSON.stringify(answer));
  }

  private unrouted(request: FastifyRequest, reply: FastifyReply): Problem {
    const allowed = this.allowedMethods.for(request);
    // A path such as /models//predict matches a template, but has an empty name: the method is not what is wrong.
    if (allowed.length === 0 || allowed.includes(request.method)) {
      return problem('route_not_found', NO_SUCH_ROUTE, request.id);
    }
    void reply.header('allow', allowed.join(', '));
    return problem('method_not_allowed', `this route answers ${allowed.join(', ')}`, request.id);
  }
}
