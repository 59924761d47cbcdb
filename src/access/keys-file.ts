import { StartupFault } from '../errors/startup-fault.js';
import { readSecret } from '../files/secret-file.js';
import { epochSeconds } from '../inputs/date-time.js';
import { DocumentCheck } from '../inputs/document-check.js';
import { SCOPES, type Scope } from './scope.js';

/** A key as `API_KEYS_FILE` has it. */
export interface KeyEntry {
  readonly id: string;
  readonly name: string;
  /** Of the whole key, in hexadecimal. */
  readonly sha256: string;
  readonly scopes: readonly Scope[];
  /** Without it: all models. */
  readonly models?: readonly string[];
  /** Rows per second; without it: as many as he likes. */
  readonly rate?: number;
  /** Rows at once after a pause; without it: twice the rate. */
  readonly burst?: number;
  /** RFC 3339; without it: never. */
  readonly expires?: string;
}

/** Characters of a name. */
export const LONGEST_NAME = 200;
/** Of a rate or a burst. */
export const MOST_ROWS = 1e9;
const text = { type: 'string', minLength: 1, maxLength: LONGEST_NAME } as const;
const rows = { type: 'number', minimum: 1, maximum: MOST_ROWS } as const;
const ENTRY = {
  type: 'object',
  additionalProperties: false,
  required: ['id', 'name', 'sha256', 'scopes'],
  properties: {
    id: { type: 'string', pattern: '^[a-z0-9]{8}$' },
    name: text,
    sha256: { type: 'string', pattern: '^[0-9a-f]{64}$' },
    scopes: { type: 'array', minItems: 1, uniqueItems: true, items: { enum: SCOPES } },
    models: { type: 'array', uniqueItems: true, items: text },
    rate: rows,
    burst: rows,
    expires: { type: 'string' },
  },
};
const CHECK = new DocumentCheck(
  {
    type: 'object',
    additionalProperties: false,
    required: ['keys'],
    properties: { keys: { type: 'array', maxItems: 100_000, items: ENTRY } },
  },
  'is no field of a key; remove it, or look for a slip of the pen',
);

/**
 * The keys of a file.
 * @throws StartupFault if it cannot be read, is open to others, or is not what `nestor key create` writes.
 */
export function readKeysFile(path: string): readonly KeyEntry[] {
  const content = readSecret(
    'API_KEYS_FILE',
    path,
    `npx nestor key create --name <name> --scopes predict --file ${path}`,
  ).toString('utf8');
  try {
    return checked(JSON.parse(content));
  } catch (error) {
    // What Node says of bad JSON quotes it.
    const what = error instanceof SyntaxError ? 'it is no JSON' : (error as Error).message;
    throw new StartupFault([
      {
        what: `API_KEYS_FILE (${path}) is no file of keys: ${what}`,
        mend: 'mend it, or make it anew with npx nestor key create',
      },
    ]);
  }
}

/** @throws InvalidInput, RangeError that name what is wrong */
function checked(document: unknown): readonly KeyEntry[] {
  CHECK.assert(document);
  const { keys } = document as { keys: readonly KeyEntry[] };
  const ids = new Set<string>();
  for (const [index, { expires, id }] of keys.entries()) {
    if (expires !== undefined && Number.isNaN(epochSeconds(expires)))
      throw new RangeError(`/keys/${index}/expires: must be a time such as 2027-01-31T00:00:00Z`);
    if (ids.size === ids.add(id).size) throw new RangeError(`/keys/${index}/id: stands twice`);
  }
  return keys;
}
