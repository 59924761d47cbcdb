import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { mayUse } from '../../access/identity.js';
import { Needs } from '../../access/scope.js';
import type { AliasesNow } from '../../artifacts/alias-change.js';
import { ArtifactFault } from '../../artifacts/artifact-fault.js';
import type { Manifest } from '../../artifacts/manifest.js';
import { ModelProcessEnded } from '../../errors/errors.js';
import { ModelChanges } from '../../models/model-changes.js';
import { ShownBy } from '../../docs/example-call.js';
import { RefusesBy } from '../../docs/problem-responses.js';
import { ETAG_HEADER, ModelParam } from './documented-parameters.js';
import { etagOf } from './revision.js';
import { type ModelSummary, modelDetails, type ModelDetails, modelSummary } from './model-view.js';
import { ModelRegistry } from '../../models/model-registry.js';
import { MODEL_DETAILS_SCHEMA, MODEL_LIST_SCHEMA, MODEL_READY_SCHEMA } from './model-view.schema.js';

/** More are no example. */
const SHOWN = 10;

@ApiTags('models')
@Controller('models')
export class ModelsController {
  constructor(
    private readonly registry: ModelRegistry,
    private readonly changes: ModelChanges,
  ) {}

  @Get()
  @Needs('predict')
  @ApiOperation({ operationId: 'listModels', summary: 'Every model, its versions and whether they answer' })
  @ApiOkResponse({ description: 'The models in order of name', schema: MODEL_LIST_SCHEMA })
  @ShownBy(({ find }) => ({
    answers: { 200: { models: find(ModelsController).list({ identity: null }).models.slice(0, SHOWN) } },
  }))
  list(@Req() { identity }: Pick<FastifyRequest, 'identity'>): { models: readonly ModelSummary[] } {
    const models = this.registry.all().filter(({ name }) => mayUse(identity, name));
    return { models: models.map(modelSummary) };
  }

  @Get(':model')
  @Needs('predict', { alsoFor: 'runner' })
  @ApiOperation({
    operationId: 'getModel',
    summary: 'What one model is: inputs, classes, digest, hold-out metrics',
  })
  @ModelParam()
  @ApiOkResponse({
    description: 'The champion as its manifest describes it',
    schema: MODEL_DETAILS_SCHEMA,
    headers: ETAG_HEADER,
  })
  @RefusesBy('model_not_found')
  @ShownBy(({ find, version: { manifest } }) => ({
    answers: { 200: modelDetails(find(ModelRegistry).state(manifest.model)) },
  }))
  async one(
    @Param('model') model: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ModelDetails> {
    // Aliases and revision are of one moment: a change that was decided from these aliases names this revision.
    const { aliases, revision } = await this.changes.aliases(model).catch(unknownRevision);
    const state = this.registry.state(model);
    if (revision !== undefined) void reply.header('etag', etagOf(revision));
    return modelDetails(aliases === undefined ? state : { ...state, aliases });
  }

  @Get(':model/ready')
  @Needs('predict')
  @ApiOperation({ operationId: 'getModelReadiness', summary: 'Does this model answer?' })
  @ModelParam()
  @ApiOkResponse({
    description: 'Its champion answers, and its predictions can be recorded',
    schema: MODEL_READY_SCHEMA,
  })
  @RefusesBy(
    'model_not_found',
    'model_not_ready',
    'model_process_ended',
    'prediction_log_unavailable',
    'prediction_log_failed',
  )
  @ShownBy(({ version: { manifest } }) => ({ answers: { 200: readiness(manifest) } }))
  ready(@Param('model') model: string): { ready: true; version: string } {
    const { manifest, records, fault } = this.registry.champion(model);
    records.assertWritable();
    if (fault !== undefined) throw new ModelProcessEnded(model, fault);
    return readiness(manifest);
  }
}

const readiness = ({ version }: Manifest): { ready: true; version: string } => ({ ready: true, version });

/** A history that cannot be read hides no model; without a revision nobody can change it. */
function unknownRevision(error: unknown): Partial<AliasesNow> {
  if (error instanceof ArtifactFault) return {};
  throw error;
}
