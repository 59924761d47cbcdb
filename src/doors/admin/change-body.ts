import { type FieldError, InvalidInput } from '../../errors/errors.js';
import { stepTo, UNPAIRED_SURROGATE } from '../../inputs/input-errors.js';

const MAX_REASON = 1_000;
const VERSION = /^[0-9]{1,9}$/;

/** What an alias is to name, and why. */
export interface AliasOrder {
  readonly version: string;
  readonly reason: string | null;
  /** The gate is overruled. */
  readonly force: boolean;
}

/**
 * `{"version": "3", "reason": "…", "force": true}`; only the version must be there, and the reason with `force`.
 * @throws InvalidInput that names each fault.
 */
export function aliasOrder(body: unknown): AliasOrder {
  const fields = fieldsOf(body, ['version', 'reason', 'force']);
  const { version, force = false } = fields;
  const isVersion = typeof version === 'string' && VERSION.test(version);
  const code = version === undefined ? 'required' : 'type';
  const faults: FieldError[] = [];
  if (!isVersion)
    faults.push({
      pointer: '/version',
      code,
      detail: 'must be the number of a version as a text, such as "3"',
    });
  if (typeof force !== 'boolean')
    faults.push({ pointer: '/force', code: 'type', detail: 'must be true or false' });
  if (force === true && (fields['reason'] ?? '') === '')
    faults.push({ pointer: '/reason', code: 'required', detail: 'must say why the gate is overruled' });
  return { version: version as string, reason: reasonOf(fields, faults), force: force === true };
}

/** `{"reason": "…"}` or no body at all. @throws InvalidInput */
export function optionalReason(body: unknown): string | null {
  return body === undefined || body === null ? null : reasonOf(fieldsOf(body, ['reason']), []);
}

function reasonOf({ reason = null }: Record<string, unknown>, faults: readonly FieldError[]): string | null {
  const fault = reasonFault(reason);
  const all = fault === undefined ? faults : [...faults, { ...fault, pointer: '/reason' }];
  if (all.length > 0) throw new InvalidInput(all);
  return reason as string | null;
}

function reasonFault(reason: unknown): Omit<FieldError, 'pointer'> | undefined {
  if (reason === null) return undefined;
  const detail = `must be a text of at most ${MAX_REASON} characters`;
  if (typeof reason !== 'string') return { code: 'type', detail };
  if (reason.length > MAX_REASON) return { code: 'too_long', detail };
  return reason.isWellFormed() ? undefined : UNPAIRED_SURROGATE;
}

function fieldsOf(body: unknown, known: readonly string[]): Record<string, unknown> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new InvalidInput([
      { pointer: '', code: 'type', detail: `send a JSON object of ${known.join(', ')}` },
    ]);
  }
  const stray = Object.keys(body).filter((name) => !known.includes(name));
  if (stray.length > 0) {
    const detail = `is not known here; send ${known.join(', ')} alone`;
    const all = stray.map((name) => ({ pointer: `/${stepTo(name)}`, code: 'unknown_field', detail }));
    throw new InvalidInput(all.slice(0, InvalidInput.LISTED), all.length);
  }
  return { ...body };
}
