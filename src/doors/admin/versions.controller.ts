import { Controller, Delete, Get, Headers, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Needs } from '../../access/scope.js';
import { ArchiveTooLarge } from '../../artifacts/archive-errors.js';
import { ArtifactFault } from '../../artifacts/artifact-fault.js';
import { isModelName } from '../../artifacts/artifact-store.js';
import { AppConfig } from '../../config/app-config.js';
import { BadRequest } from '../../errors/errors.js';
import { readingArchive } from '../../http/archive-body.js';
import { ModelChanges } from '../../models/model-changes.js';
import { ModelRegistry } from '../../models/model-registry.js';
import { VersionFiles } from '../../models/version-files.js';
import { type Trained, VersionPublisher } from '../../models/version-publisher.js';
import { promotesByRule } from '../../training/gate.js';
import { JobQueue } from '../../training/job-queue.js';
import { callerOf } from '../caller.js';
import { expectedRevision } from './revision.js';
import { DocumentedDelete, DocumentedPublish, DocumentedVersion } from './documented-versions.js';
import { type VersionDetails, versionDetails } from './model-view.js';

/** Versions of a model come, are looked at and go. */
@ApiTags('versions')
@Controller('models/:model/versions')
export class VersionsController {
  constructor(
    private readonly config: AppConfig,
    private readonly registry: ModelRegistry,
    private readonly publisher: VersionPublisher,
    private readonly changes: ModelChanges,
    private readonly files: VersionFiles,
    private readonly queue: JobQueue,
  ) {}

  @Post()
  @Needs('admin', { takesArchive: true, alsoFor: 'lease' })
  @DocumentedPublish()
  async publish(
    @Param('model') model: string,
    @Headers('x-job-lease') lease: string | undefined,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<VersionDetails> {
    if (!isModelName(model)) {
      throw new BadRequest(
        'bad_request',
        'a model may be called by up to 63 small letters, digits and ". _ -", beginning with a letter or digit',
      );
    }
    const { maxArtifactBytes, stage } = this.config;
    if (Number(request.headers['content-length']) > maxArtifactBytes)
      throw new ArchiveTooLarge(maxArtifactBytes);
    // Before it is read: a training whose lease is lost need not send its version.
    if (lease !== undefined) await this.queue.ofLease(lease, model);
    const trained: Trained | undefined =
      lease === undefined
        ? undefined
        : {
            announce: (version, digest) => this.queue.announce(lease, model, version, digest),
            mayBeFirst: promotesByRule(stage),
          };
    const { version, isNew } = await readingArchive(request, (body) =>
      this.publisher.publish(model, body, callerOf(request).principal, trained),
    );
    const name = version.manifest.version;
    if (lease !== undefined) await this.queue.publish(lease, model, name);
    // Relative, as a proxy may have cut a prefix off the path.
    void reply.status(isNew ? 201 : 200).header('location', `versions/${name}`);
    return versionDetails(model, this.registry.versionState(model, name));
  }

  @Get(':version')
  @Needs('predict')
  @DocumentedVersion()
  async one(@Param('model') model: string, @Param('version') version: string): Promise<VersionDetails> {
    const state = this.registry.versionState(model, version);
    if (state.phase === 'refused' || state.phase === 'loading') return versionDetails(model, state);
    // One that is not loaded may have changed since it was looked at; its state says so soon.
    const manifest = await this.files.manifest(model, version).catch((error: unknown) => {
      if (error instanceof ArtifactFault) return undefined;
      throw error;
    });
    return versionDetails(model, state, manifest);
  }

  @Delete(':version')
  @HttpCode(204)
  @Needs('admin')
  @DocumentedDelete()
  async delete(
    @Param('model') model: string,
    @Param('version') version: string,
    @Headers('if-match') ifMatch: string | undefined,
    @Req() request: FastifyRequest,
  ): Promise<void> {
    const expected = ifMatch === undefined ? 'any' : expectedRevision(ifMatch);
    const { principal } = callerOf(request);
    await this.changes.deleteVersion(model, version, { who: principal, reason: null, expected });
  }
}
