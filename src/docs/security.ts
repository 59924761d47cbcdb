import { SCOPE, type Scope } from '../access/scope.js';
import type { OperationObject } from './openapi-types.js';

const KEY = 'key';

/** How a key is sent; `Authorize` of Swagger UI takes one. */
export const SECURITY_SCHEMES = {
  [KEY]: {
    type: 'http',
    scheme: 'bearer',
    description:
      'A key of the server, `nst_…`, or a token (JWT) of the issuer that the operator has named, where callers need one; what each route needs of it stands beside the route. `x-api-key` takes it as well.',
  },
} as const;

type Scoped = OperationObject & { [SCOPE]?: { readonly scope: Scope | 'nothing' } };

/** Says at an operation which scope its callers need: what is made here, for models and guides, predicts or needs nothing. */
export function addSecurity(operation: Scoped, isRequired: boolean): void {
  const { scope = operation.tags?.includes('operation') ? 'nothing' : 'predict' } = operation[SCOPE] ?? {};
  delete operation[SCOPE];
  // An empty requirement: without a key it is answered too.
  operation.security = scope === 'nothing' ? [] : [{ [KEY]: [scope] }, ...(isRequired ? [] : [{}])];
}
