import { applyDecorators } from '@nestjs/common';
import { ApiHeader, ApiParam, ApiQuery } from '@nestjs/swagger';

const text = { type: 'string' };

export const ModelParam = (): MethodDecorator & ClassDecorator =>
  ApiParam({ name: 'model', description: 'A name that GET /models lists' });

/** With it a key of scope `runner` opens what another scope is needed for otherwise. */
export const LeaseHeader = (): MethodDecorator =>
  ApiHeader({
    name: 'x-job-lease',
    required: false,
    description: 'Of a runner: the token of the lease of a job of this model',
    schema: text,
  });

export const VersionParam = (): MethodDecorator =>
  ApiParam({
    name: 'version',
    description: 'A version that GET /models lists',
    schema: { ...text, pattern: '^[0-9]+$' },
  });

/** Of routes that are about the champion unless somebody asks for another version. */
export const VersionQuery = (): MethodDecorator =>
  ApiQuery({
    name: 'version',
    required: false,
    description: 'Another version than the champion',
    schema: { ...text, pattern: '^[0-9]+$' },
  });

export const AliasParam = (): MethodDecorator =>
  ApiParam({
    name: 'alias',
    description: '`champion` is the version that answers; others are yours to choose',
    schema: { ...text, pattern: '^[a-z0-9][a-z0-9._-]{0,62}$' },
  });

/** The revision that a change was decided from. */
export const IfMatch = (required: boolean): MethodDecorator =>
  applyDecorators(
    ApiHeader({
      name: 'If-Match',
      required,
      description: 'The ETag of GET /models/<model> that the decision was made from; `*`: whatever it is now',
      schema: text,
    }),
  );

export const ETAG_HEADER = { ETag: { description: 'The revision of the model, for If-Match', schema: text } };
