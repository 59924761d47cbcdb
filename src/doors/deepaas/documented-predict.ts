import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { ShownBy } from '../../docs/example-call.js';
import { PREDICTION_PROBLEMS, RefusesBy } from '../../docs/problem-responses.js';
import { PREDICTION_HEADERS } from '../../docs/schemas.js';
import { ModelParam } from '../admin/documented-parameters.js';
import { ARGUMENT_TYPES, FlatFaults, UNKNOWN_TYPE } from './documented-trainings.js';

export const DocumentedPredict = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      operationId: 'deepaasPredict',
      summary: 'Predict one row, with its inputs in the query, a form or JSON',
      description:
        'Each input is looked for in the query first; what is no input is passed over. `/swagger.json` lists the inputs of every model.',
    }),
    ModelParam(),
    ApiConsumes(...ARGUMENT_TYPES),
    ApiBody({ required: false, schema: { type: 'object' } }),
    ApiOkResponse({
      description: 'What the typed route of the model answers, under `predictions`',
      headers: PREDICTION_HEADERS,
      schema: {
        type: 'object',
        required: ['status', 'predictions'],
        properties: { status: { type: 'string', enum: ['OK'] }, predictions: { type: 'object' } },
      },
    }),
    FlatFaults(),
    RefusesBy(
      'bad_request',
      'body_too_large',
      'unsupported_media_type',
      'model_not_found',
      ...PREDICTION_PROBLEMS,
    ),
    ShownBy(({ version: { example } }) => {
      if (example === undefined) return { answers: {}, refusals: [UNKNOWN_TYPE] };
      const predictions = JSON.parse(example.prediction.text()) as object;
      return {
        body: example.row,
        answers: { 200: { status: 'OK', predictions } },
        refusals: [UNKNOWN_TYPE],
      };
    }),
  );
