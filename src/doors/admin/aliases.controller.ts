import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Post, Put, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Needs } from '../../access/scope.js';
import type { Changed } from '../../artifacts/alias-change.js';
import type { Aliases } from '../../artifacts/aliases-file.js';
import type { HistoryLine } from '../../artifacts/history.js';
import { ModelChanges } from '../../models/model-changes.js';
import { Gatekeeper } from '../../training/gatekeeper.js';
import { callerOf } from '../caller.js';
import { aliasOrder, optionalReason } from './change-body.js';
import {
  DocumentedHistory,
  DocumentedRemoveAlias,
  DocumentedRollback,
  DocumentedSetAlias,
} from './documented-aliases.js';
import { etagOf, expectedRevision } from './revision.js';

interface AliasesView {
  readonly aliases: Aliases;
  readonly revision: number;
}

/** Which version answers, and how that came to be. */
@ApiTags('versions')
@Controller('models/:model')
export class AliasesController {
  constructor(
    private readonly changes: ModelChanges,
    private readonly gatekeeper: Gatekeeper,
  ) {}

  @Put('aliases/:alias')
  @Needs('admin')
  @DocumentedSetAlias()
  async set(
    @Param('model') model: string,
    @Param('alias') alias: string,
    @Headers('if-match') ifMatch: string | undefined,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AliasesView> {
    const expected = expectedRevision(ifMatch);
    const { version, reason, force } = aliasOrder(body);
    const intent = { who: callerOf(request).principal, reason, expected };
    const changed =
      alias === 'champion'
        ? await this.gatekeeper.setChampion(model, version, intent, force)
        : await this.changes.setAlias(model, alias, version, intent);
    return view(changed, reply);
  }

  @Delete('aliases/:alias')
  @Needs('admin')
  @DocumentedRemoveAlias()
  async remove(
    @Param('model') model: string,
    @Param('alias') alias: string,
    @Headers('if-match') ifMatch: string | undefined,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AliasesView> {
    const intent = { who: callerOf(request).principal, reason: null, expected: expectedRevision(ifMatch) };
    return view(await this.changes.removeAlias(model, alias, intent), reply);
  }

  @Post('rollback')
  @HttpCode(200)
  @Needs('admin')
  @DocumentedRollback()
  async rollback(
    @Param('model') model: string,
    @Headers('if-match') ifMatch: string | undefined,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AliasesView> {
    const expected = ifMatch === undefined ? 'any' : expectedRevision(ifMatch);
    const intent = { who: callerOf(request).principal, reason: optionalReason(body), expected };
    return view(await this.changes.rollback(model, intent), reply);
  }

  @Get('history')
  @Needs('admin')
  @DocumentedHistory()
  async history(@Param('model') model: string): Promise<{ history: readonly HistoryLine[] }> {
    return { history: await this.changes.history(model) };
  }
}

function view({ aliases = {}, revision }: Changed, reply: FastifyReply): AliasesView {
  void reply.header('etag', etagOf(revision));
  return { aliases, revision };
}
