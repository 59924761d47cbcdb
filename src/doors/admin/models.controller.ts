import { Controller, Get, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { type ModelSummary, modelDetails, type ModelDetails, modelSummary } from './model-view.js';
import { ModelRegistry } from '../../models/model-registry.js';
import { MODEL_DETAILS_SCHEMA, MODEL_LIST_SCHEMA, MODEL_READY_SCHEMA } from './model-view.schema.js';

@ApiTags('models')
@Controller('models')
export class ModelsController {
  constructor(private readonly registry: ModelRegistry) {}

  @Get()
  @ApiOperation({ operationId: 'listModels', summary: 'Every model, its versions and whether they answer' })
  @ApiOkResponse({ description: 'The models in order of name', schema: MODEL_LIST_SCHEMA })
  list(): { models: readonly ModelSummary[] } {
    return { models: this.registry.all().map(modelSummary) };
  }

  @Get(':model')
  @ApiOperation({
    operationId: 'getModel',
    summary: 'What one model is: inputs, classes, digest, hold-out metrics',
  })
  @ApiParam({ name: 'model', description: 'A name that GET /models lists', example: 'turnover' })
  @ApiOkResponse({ description: 'The champion as its manifest describes it', schema: MODEL_DETAILS_SCHEMA })
  one(@Param('model') model: string): ModelDetails {
    return modelDetails(this.registry.state(model));
  }

  @Get(':model/ready')
  @ApiOperation({ operationId: 'getModelReadiness', summary: 'Does this model answer?' })
  @ApiParam({ name: 'model', description: 'A name that GET /models lists', example: 'turnover' })
  @ApiOkResponse({ description: 'Its champion answers', schema: MODEL_READY_SCHEMA })
  ready(@Param('model') model: string): { ready: true; version: string } {
    return { ready: true, version: this.registry.champion(model).manifest.version };
  }
}
