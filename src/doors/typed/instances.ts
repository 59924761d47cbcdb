import { InvalidInput } from '../../errors/errors.js';
import type { Place } from '../../inputs/input-check.js';
import { stepTo } from '../../inputs/input-errors.js';
import { rowCountFault } from '../row-count.js';

/** Where a field of a row stands in `{"instances": [row…]}`, e.g. `/instances/17/salary`. */
export const inInstances: Place = (fault, row) => ({
  ...fault,
  pointer: `/instances/${row}${fault.pointer}`,
});

/** The rows of `{"instances": [row…]}`, 1 to 10,000 of them. @throws InvalidInput that names what is wrong with the form. */
export function instancesOf(body: unknown): readonly unknown[] {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw fault('', 'type', 'send a JSON object {"instances": [...]}');
  }
  const { instances } = body as { instances?: unknown };
  const stray = Object.keys(body).find((name) => name !== 'instances');
  if (stray !== undefined) {
    throw fault(`/${stepTo(stray)}`, 'unknown_field', 'is not known here; send {"instances": [...]} alone');
  }
  if (!Array.isArray(instances)) throw fault('/instances', 'type', 'must be a list of rows');
  const count = rowCountFault(instances.length);
  if (count !== undefined) throw fault('/instances', count.code, count.detail);
  return instances;
}

function fault(pointer: string, code: string, detail: string): InvalidInput {
  return new InvalidInput([{ pointer, code, detail }]);
}
