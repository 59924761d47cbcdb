import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { DriftReports } from '../../watch/drift-reports.js';
import type { DriftReport } from '../../watch/drift-view.js';
import { queryValue } from '../query-value.js';
import { DocumentedDrift } from './documented-drift.js';

/** How far what is asked of a model has moved from its training. */
@ApiTags('watching')
@Controller('models/:model')
export class DriftController {
  constructor(private readonly reports: DriftReports) {}

  @Get('drift')
  @DocumentedDrift()
  async report(
    @Param('model') model: string,
    @Query('version') version: string | string[] | undefined,
  ): Promise<DriftReport> {
    return await this.reports.report(model, queryValue('version', version));
  }
}
