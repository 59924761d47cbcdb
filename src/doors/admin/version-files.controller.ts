import { Controller, Get, Headers, Param, Req, Res, StreamableFile } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { text } from 'node:stream/consumers';
import { Needs } from '../../access/scope.js';
import { documentsAmong, PLOT } from '../../artifacts/documents.js';
import { AppConfig } from '../../config/app-config.js';
import { FileNotFound } from '../../errors/errors.js';
import { wantsPage } from '../../http/wants-page.js';
import { waysOf } from '../ways.js';
import { VersionFiles } from '../../models/version-files.js';
import { JobQueue } from '../../training/job-queue.js';
import { Gatekeeper } from '../../training/gatekeeper.js';
import { cardPage } from './card-page.js';
import { DocumentedArtifact, DocumentedCard, DocumentedPlot } from './documented-files.js';

/** What people pushed is shown by a browser as if it were from nowhere: no scripts, no forms, pictures of ours alone. */
const POLICY = "sandbox; default-src 'none'; img-src 'self'; style-src 'unsafe-inline'";
/** A longer card is text alone: making a page of it would hold up others. */
const MAX_PAGE_BYTES = 131_072;

/** What a version is made of, for people and for other servers. */
@ApiTags('versions')
@Controller('models/:model/versions/:version')
export class VersionFilesController {
  constructor(
    private readonly files: VersionFiles,
    private readonly gatekeeper: Gatekeeper,
    private readonly config: AppConfig,
    private readonly queue: JobQueue,
  ) {}

  @Get('artifact')
  @Needs('admin', { alsoFor: 'lease' })
  @DocumentedArtifact()
  async artifact(
    @Param('model') model: string,
    @Param('version') version: string,
    @Headers('if-none-match') seen: string | undefined,
    @Headers('x-job-lease') lease: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile | undefined> {
    if (lease !== undefined) await this.queue.ofLease(lease, model);
    const { contentDigest, bytes, tar } = await this.files.artifact(model, version);
    const etag = `"${contentDigest}"`;
    void reply.header('etag', etag);
    if (seen !== undefined && isSeen(seen, etag)) {
      void reply.status(304);
      return undefined;
    }
    return new StreamableFile(tar, {
      type: 'application/x-tar',
      length: bytes,
      disposition: `attachment; filename="${model}-${version}.tar"`,
    });
  }

  @Get('card')
  @Needs('predict')
  @DocumentedCard()
  async card(
    @Param('model') model: string,
    @Param('version') version: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile | string> {
    const { bytes, content } = await this.files.file(model, version, 'card.md');
    guarded(reply);
    if (!wantsPage(request, reply, 'text/markdown') || bytes > MAX_PAGE_BYTES)
      return new StreamableFile(content, { type: 'text/markdown; charset=utf-8', length: bytes });
    void reply.type('text/html; charset=utf-8');
    const { plots } = documentsAmong(await this.files.names(model, version));
    return cardPage({
      title: `${model}, version ${version}`,
      card: await text(content),
      plots,
      // A card is shown without it, too, while the state database is away.
      report: await this.gatekeeper.report(model, version).catch(() => undefined),
      ways: waysOf(this.config, request),
    });
  }

  @Get('plots/:name')
  @Needs('predict')
  @DocumentedPlot()
  async plot(
    @Param('model') model: string,
    @Param('version') version: string,
    @Param('name') name: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile> {
    if (!PLOT.test(name)) throw new FileNotFound(model, version, `plots/${name}`);
    const { bytes, content } = await this.files.file(model, version, `plots/${name}`);
    guarded(reply);
    return new StreamableFile(content, { type: 'image/svg+xml', length: bytes });
  }
}

function guarded(reply: FastifyReply): FastifyReply {
  return reply.header('content-security-policy', POLICY).header('x-content-type-options', 'nosniff');
}

function isSeen(header: string, etag: string): boolean {
  return header.split(',').some((tag) => ['*', etag].includes(tag.trim().replace(/^W\//, '')));
}
