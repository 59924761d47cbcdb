import { type FieldError, InvalidInput } from '../errors/errors.js';
import { stepTo } from '../inputs/input-errors.js';

const FAULT: Omit<FieldError, 'pointer'> = {
  code: 'percent_encoding',
  detail:
    'is not UTF-8 in percent-encoding; write each byte of a character as %XX, and a percent sign as %25',
};

/**
 * Refuses `name=value&…` with a part that cannot be decoded. What decodes it would leave such a part as it stands or put
 * other characters in its place, and a model would be asked for another text than was meant.
 * @throws InvalidInput that names the parameters.
 */
export function assertDecodable(parameters: string): void {
  if (!parameters.includes('%')) return;
  const faults = parameters.split('&').flatMap((each) => {
    if (isDecodable(each)) return [];
    const [name = ''] = each.split('=', 1);
    return [{ ...FAULT, pointer: `/${stepTo(isDecodable(name) ? decodeURIComponent(name) : name)}` }];
  });
  if (faults.length > 0) throw new InvalidInput(faults.slice(0, InvalidInput.LISTED), faults.length);
}

/** The query of a request's URL as its router takes it, without the question mark. */
export function queryOf(url: string): string {
  const at = url.search(/[?#]/);
  return at === -1 ? '' : url.slice(at + 1);
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
