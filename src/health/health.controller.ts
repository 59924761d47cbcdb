import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  type HealthCheckResult,
  HealthCheckService,
  type HealthIndicatorResult,
  HealthIndicatorService,
} from '@nestjs/terminus';
import { PredictionLog } from '../journal/prediction-log.js';
import { ModelRegistry } from '../models/model-registry.js';
import { DocumentedHealthCheck } from './documented-health-check.js';

const UP = {
  models: { status: 'up', ready: 5 },
  prediction_log: { status: 'up', durability: 'written' },
} as const;
const DOWN = {
  models: { status: 'down', unready: ['turnover'] },
  prediction_log: { status: 'down', durability: 'written' },
} as const;

/** Liveness asks nothing that a restart would not mend; readiness asks the models and the prediction log. */
@ApiTags('operation')
@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly models: ModelRegistry,
    private readonly log: PredictionLog,
  ) {}

  @Get('live')
  @DocumentedHealthCheck({}, {})
  @ApiOperation({ operationId: 'getLiveness', summary: 'Is the process alive?' })
  live(): Promise<HealthCheckResult> {
    return this.health.check([]);
  }

  @Get('ready')
  @DocumentedHealthCheck(UP, DOWN)
  @ApiOperation({
    operationId: 'getReadiness',
    summary: 'Does every model answer, and is every answer recorded?',
  })
  ready(): Promise<HealthCheckResult> {
    return this.health.check([() => this.modelsReady(), () => this.logWritable()]);
  }

  @Get()
  @DocumentedHealthCheck(UP, DOWN)
  @ApiOperation({ operationId: 'getHealth', summary: 'The same as readiness, under the shorter name' })
  all(): Promise<HealthCheckResult> {
    return this.ready();
  }

  private modelsReady(): HealthIndicatorResult {
    const unready = this.models.unready();
    const check = this.indicators.check('models');
    return unready.length === 0 ? check.up({ ready: this.models.usable().length }) : check.down({ unready });
  }

  private logWritable(): HealthIndicatorResult {
    const check = this.indicators.check('prediction_log');
    const { durability } = this.log;
    return this.log.isWritable ? check.up({ durability }) : check.down({ durability });
  }
}
