import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Needs } from '../../access/scope.js';
import { AppConfig } from '../../config/app-config.js';
import { DriftReports } from '../../watch/drift-reports.js';
import type { DriftReport } from '../../watch/drift-view.js';
import { isPageAnswer } from '../page-answer.js';
import { queryValue } from '../query-value.js';
import { waysOf } from '../ways.js';
import { DocumentedDrift } from './documented-drift.js';
import { driftPage } from './drift-page.js';

/** How far what is asked of a model has moved from its training. */
@ApiTags('watching')
@Controller('models/:model')
export class DriftController {
  constructor(
    private readonly reports: DriftReports,
    private readonly config: AppConfig,
  ) {}

  @Get('drift')
  @Needs('predict')
  @DocumentedDrift()
  async report(
    @Param('model') model: string,
    @Query('version') version: string | string[] | undefined,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DriftReport | string> {
    const report = await this.reports.report(model, queryValue('version', version));
    return isPageAnswer(request, reply) ? driftPage(report, waysOf(this.config, request)) : report;
  }
}
