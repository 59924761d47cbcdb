import { BadRequest } from '../errors/errors.js';

/** A parameter of the query that may be there once. @throws BadRequest */
export function queryValue(name: string, given: string | string[] | undefined): string | undefined {
  if (Array.isArray(given)) throw new BadRequest('bad_request', `${name} may be there once`);
  return given;
}
