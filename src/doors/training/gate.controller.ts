import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppConfig } from '../../config/app-config.js';
import { wantsPage } from '../../http/wants-page.js';
import { policy } from '../../pages/page.js';
import { Gatekeeper, type KeptReport } from '../../training/gatekeeper.js';
import { DocumentedGate } from './documented-gate.js';
import { gatePage } from './gate-page.js';

const POLICY = policy();

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
  @DocumentedGate()
  async report(
    @Param('model') model: string,
    @Param('version') version: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReportView | string> {
    const report = await this.gatekeeper.report(model, version);
    const isPage = wantsPage(request, reply, 'application/json');
    const { created, ...rest } = report;
    if (!isPage) return { ...rest, created: new Date(created).toISOString() };
    void reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', POLICY)
      .header('x-content-type-options', 'nosniff');
    return gatePage(report, this.config.docsEnabled);
  }
}
