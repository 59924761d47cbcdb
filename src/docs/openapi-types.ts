import type { OpenAPIObject } from '@nestjs/swagger';

// The package does not export these by name.
type Components = NonNullable<OpenAPIObject['components']>;
export type ReferenceObject = { $ref: string };
export type SchemaObject = Exclude<NonNullable<Components['schemas']>[string], ReferenceObject>;
export type ResponseObject = Exclude<NonNullable<Components['responses']>[string], ReferenceObject>;
export type MediaObject = NonNullable<ResponseObject['content']>[string];
export type OperationObject = NonNullable<OpenAPIObject['paths'][string]['post']>;
