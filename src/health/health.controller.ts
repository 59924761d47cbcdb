import { Controller, Get, Req, ServiceUnavailableException } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  type HealthCheckResult,
  HealthCheckService,
  type HealthIndicatorFunction,
  type HealthIndicatorResult,
  HealthIndicatorService,
} from '@nestjs/terminus';
import type { FastifyRequest } from 'fastify';
import type { Scope } from '../access/scope.js';
import { Siblings } from '../channel/siblings.js';
import { AppConfig } from '../config/app-config.js';
import type { Shown } from '../docs/example-call.js';
import { Shutdown } from '../http/shutdown.js';
import { PredictionLog } from '../journal/prediction-log.js';
import { ModelRegistry } from '../models/model-registry.js';
import { DocumentedHealthCheck, type Indicators } from './documented-health-check.js';
import { workersServe } from './worker-count.js';

/** What readiness says while it is so, and when no model answers. */
function readiness({ find }: Shown): { up: Indicators; down: Indicators } {
  const models = find(ModelRegistry);
  const { durability } = find(PredictionLog);
  const prediction_log = { status: 'up', durability } as const;
  const unready = models.unready();
  const all = models.all().map(({ name }) => name);
  return {
    up: { models: { status: 'up', ready: all.length - unready.length, unready }, prediction_log },
    down: { models: { status: 'down', ready: 0, unready: all }, prediction_log },
  };
}

/** Only a record that could not be synced. */
const FAILED = {
  prediction_log: {
    status: 'down',
    durability: 'synced',
    reason: 'EIO: i/o error, fdatasync; restart this server',
  },
} as const;

/** With keys of these scopes all is told. */
const TOLD: readonly Scope[] = ['metrics', 'admin'];

/**
 * Liveness asks nothing that a restart would not mend: it fails when records could not be synced; a startup probe asks
 * whether loading has ended; readiness asks whether the log is writable, at least one champion answers and the process
 * does not end. One model that does not is its own affair (`GET /models/<model>/ready`, and an alert): it must not take the others out of service.
 * Where callers need keys, whoever shows none that is for it hears the status alone: no model's name, and no reason.
 */
@ApiTags('operation')
@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly models: ModelRegistry,
    private readonly log: PredictionLog,
    private readonly shutdown: Shutdown,
    private readonly config: AppConfig,
    private readonly siblings: Siblings,
  ) {}

  @Get('live')
  @DocumentedHealthCheck(() => ({ up: {}, down: FAILED }))
  @ApiOperation({ operationId: 'getLiveness', summary: 'Is the process alive, and needs no restart?' })
  live(@Req() request: FastifyRequest): Promise<HealthCheckResult> {
    return this.tell(request, this.log.failure === undefined ? [] : [() => this.logWritable()]);
  }

  @Get('started')
  @DocumentedHealthCheck(() => ({ up: { loading: { status: 'up' } }, down: { loading: { status: 'down' } } }))
  @ApiOperation({ operationId: 'getStarted', summary: 'Has loading ended, whatever came of it?' })
  started(@Req() request: FastifyRequest): Promise<HealthCheckResult> {
    return this.tell(request, [() => this.hasStarted()]);
  }

  @Get('ready')
  @DocumentedHealthCheck(readiness)
  @ApiOperation({
    operationId: 'getReadiness',
    summary: 'Does at least one model answer, and is every answer recorded?',
    description:
      'Of the process that answers. Where several serve (`WORKERS`), `workers` says how many do (`running`) and should (`configured`).',
  })
  ready(@Req() request: FastifyRequest): Promise<HealthCheckResult> {
    const asked: HealthIndicatorFunction[] = [() => this.modelsReady(), () => this.logWritable()];
    const { primary } = this.siblings;
    if (primary !== undefined) asked.push(() => workersServe(primary, this.indicators));
    return this.tell(request, asked, this.shutdown.hasBegun && !this.shutdown.isReplaced);
  }

  @Get()
  @DocumentedHealthCheck(readiness)
  @ApiOperation({ operationId: 'getHealth', summary: 'The same as readiness, under the shorter name' })
  all(@Req() request: FastifyRequest): Promise<HealthCheckResult> {
    return this.ready(request);
  }

  /** @throws ServiceUnavailableException where something is down, or the process ends */
  private async tell(
    { identity }: FastifyRequest,
    asked: HealthIndicatorFunction[],
    isEnding = false,
  ): Promise<HealthCheckResult> {
    const mayKnow = this.config.auth !== 'required' || TOLD.some((scope) => identity?.scopes.has(scope));
    const told = (result: HealthCheckResult): HealthCheckResult =>
      mayKnow ? result : { status: result.status, info: {}, error: {}, details: {} };
    try {
      const result = told(await this.ask(asked));
      if (!isEnding) return result;
      throw new ServiceUnavailableException({ ...result, status: 'shutting_down' });
    } catch (error) {
      if (mayKnow || !(error instanceof ServiceUnavailableException)) throw error;
      throw new ServiceUnavailableException(told(error.getResponse() as HealthCheckResult));
    }
  }

  /** Terminus says of everything that it shuts down, once the server closes; for whom that counts is decided above. */
  private async ask(asked: HealthIndicatorFunction[]): Promise<HealthCheckResult> {
    try {
      return await this.health.check(asked);
    } catch (error) {
      if (!(error instanceof ServiceUnavailableException)) throw error;
      const result = error.getResponse() as HealthCheckResult;
      if (result.status !== 'shutting_down' || Object.keys(result.error ?? {}).length > 0) throw error;
      return { ...result, status: 'ok' };
    }
  }

  private modelsReady(): HealthIndicatorResult {
    const ready = this.models.usable().filter(({ isAnswering }) => isAnswering).length;
    const check = this.indicators.check('models');
    const facts = { ready, unready: this.models.unready() };
    return ready > 0 ? check.up(facts) : check.down(facts);
  }

  private hasStarted(): HealthIndicatorResult {
    const check = this.indicators.check('loading');
    return this.models.hasStarted ? check.up() : check.down();
  }

  private logWritable(): HealthIndicatorResult {
    const check = this.indicators.check('prediction_log');
    const { durability, isWritable, reason } = this.log;
    if (isWritable) return check.up({ durability });
    return check.down({ durability, ...(reason !== undefined && { reason }) });
  }
}
