import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Needs } from '../../access/scope.js';
import { AppConfig } from '../../config/app-config.js';
import { Gatekeeper, type KeptReport } from '../../training/gatekeeper.js';
import { isPageAnswer } from '../page-answer.js';
import { waysOf } from '../ways.js';
import { DocumentedGate } from './documented-gate.js';
import { gatePage } from './gate-page.js';

type ReportView = Omit<KeptReport, 'created'> & { readonly created: string };

/** What the gate found when it compared a version with the champion. */
@ApiTags('training')
@Controller('models/:model/versions/:version')
export class GateController {
  constructor(
    private readonly gatekeeper: Gatekeeper,
    private readonly config: AppConfig,
  ) {}

  @Get('gate')
  @Needs('predict')
  @DocumentedGate()
  async report(
    @Param('model') model: string,
    @Param('version') version: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReportView | string> {
    const report = await this.gatekeeper.report(model, version);
    if (isPageAnswer(request, reply)) return gatePage(report, waysOf(this.config, request));
    const { created, ...rest } = report;
    return { ...rest, created: new Date(created).toISOString() };
  }
}
