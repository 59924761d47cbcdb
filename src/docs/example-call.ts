import type { Type } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import type { DomainError } from '../errors/errors.js';
import type { Example } from '../models/example.js';
import type { ModelVersion } from '../models/model-version.js';

/** What an operation has in place of its examples until the document is made. */
export const MADE_BY = 'x-made-by';

/** What else than JSON an operation takes as its body, by media type, until the document is made. */
export const TABLES = 'x-tables';

/** A call of an operation with its answers by status, as the running server would give them. */
export interface ExampleCall {
  /** By name; those that name a model, a version or an alias are known. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly answers: Readonly<Record<number, unknown>>;
  /** Throws what a faulty call of this operation is refused by: the example of that code here. */
  readonly refuses?: () => unknown;
  /** What else is refused here in other words than elsewhere: the examples of their codes. */
  readonly refusals?: readonly DomainError[];
}

/** Several answers of one status, each by its name. */
export class Answers {
  constructor(readonly byName: Readonly<Record<string, unknown>>) {}
}

/** What the examples of routes for every model are made of. */
export interface Shown {
  /** The model that stands in their paths. */
  readonly version: ModelVersion;
  /** What any body may have at most. */
  readonly maxBodyBytes: number;
  readonly find: <T>(type: Type<T>) => T;
}

/** How the examples of an operation are made, and of which model, where it is one model's. */
export type Maker =
  | { readonly model: string; readonly ofModel: (example: Example, shown: Shown) => ExampleCall }
  | { readonly ofServer: (shown: Shown) => ExampleCall };

/** Shows an operation by a call that is made when the document is, of what is served then. */
export const ShownBy = (ofServer: (shown: Shown) => ExampleCall): MethodDecorator =>
  ApiExtension(MADE_BY, { ofServer } satisfies Maker);

/** The same of a route that asks one model; where that is not served, the document has no such route. */
export const ShownByModel = (
  model: string,
  ofModel: (example: Example, shown: Shown) => ExampleCall,
): MethodDecorator => ApiExtension(MADE_BY, { model, ofModel } satisfies Maker);
