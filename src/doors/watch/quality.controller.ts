import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Needs } from '../../access/scope.js';
import { AppConfig } from '../../config/app-config.js';
import { ModelRegistry } from '../../models/model-registry.js';
import { VersionFiles } from '../../models/version-files.js';
import { DriftReports } from '../../watch/drift-reports.js';
import { Quality } from '../../watch/quality.js';
import { isPageAnswer } from '../page-answer.js';
import { queryValue } from '../query-value.js';
import { waysOf } from '../ways.js';
import { DocumentedQuality } from './documented-quality.js';
import { qualityPage } from './quality-page.js';
import { type QualityView, qualityView } from './quality-view.js';

/** How right versions are. */
@ApiTags('watching')
@Controller('models/:model')
export class QualityController {
  constructor(
    private readonly quality: Quality,
    private readonly reports: DriftReports,
    private readonly registry: ModelRegistry,
    private readonly files: VersionFiles,
    private readonly config: AppConfig,
  ) {}

  @Get('quality')
  @Needs('predict')
  @DocumentedQuality()
  async report(
    @Param('model') model: string,
    @Query('version') named: string | string[] | undefined,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<QualityView | string> {
    const version = queryValue('version', named) ?? this.registry.champion(model).manifest.version;
    const manifest = await this.files.manifest(model, version);
    const [measured, estimated] = await Promise.all([
      this.quality.measured(manifest),
      this.reports.estimate(model, version),
    ]);
    const view = qualityView(manifest, measured, estimated);
    return isPageAnswer(request, reply) ? qualityPage(view, waysOf(this.config, request)) : view;
  }
}
