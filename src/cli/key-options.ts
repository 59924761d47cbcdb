import { type KeyEntry, LONGEST_NAME, MOST_ROWS } from '../access/keys-file.js';
import { SCOPES, type Scope } from '../access/scope.js';
import { isModelName } from '../artifacts/artifact-store.js';
import { epochSeconds } from '../inputs/date-time.js';
import { Failure } from './failure.js';

/** What the commands `key …` are given. */
export interface KeyOptions {
  readonly file?: string;
  readonly name?: string;
  readonly scopes?: string;
  readonly models?: string;
  readonly rate?: string;
  readonly burst?: string;
  readonly expires?: string;
  readonly json?: boolean;
}

/** What is asked for, as the file has it. @throws Failure that names the option */
export function entryOf(options: KeyOptions): Omit<KeyEntry, 'id' | 'sha256'> {
  const { name = '', expires } = options;
  if (name === '' || name.length > LONGEST_NAME || /\p{Cc}/u.test(name))
    throw new Failure(`--name must say whose key it is, in a line of at most ${LONGEST_NAME} characters`, 2);
  if (expires !== undefined && !(1_000 * epochSeconds(expires) > Date.now()))
    throw new Failure(`--expires ${expires} must be a time to come, such as 2027-01-31T00:00:00Z`, 2);
  const [rate, burst] = [rowsOf('rate', options.rate), rowsOf('burst', options.burst)];
  if (burst !== undefined && rate === undefined) throw new Failure('--burst needs a --rate', 2);
  const models = options.models === undefined ? undefined : namesOf('models', options.models);
  const odd = models?.find((model) => !isModelName(model));
  if (odd !== undefined)
    throw new Failure(`--models: "${odd}" is no name of a model; they are as in artifacts/, such as iris`, 2);
  return {
    name,
    scopes: scopesOf(options.scopes),
    ...(models && { models }),
    ...(rate !== undefined && { rate }),
    ...(burst !== undefined && { burst }),
    ...(expires !== undefined && { expires }),
  };
}

function scopesOf(text: string | undefined): readonly Scope[] {
  const known = SCOPES.join(', ');
  if (text === undefined) throw new Failure(`--scopes must say what the key is good for: ${known}`, 2);
  const scopes = namesOf('scopes', text);
  const odd = scopes.find((scope) => !SCOPES.some((each) => each === scope));
  if (odd !== undefined)
    throw new Failure(`--scopes: "${odd}" is no scope; they are ${known}, separated by commas`, 2);
  return scopes as Scope[];
}

function namesOf(option: string, text: string): string[] {
  const names = [...new Set(text.split(',').map((name) => name.trim()))];
  if (names.includes('')) throw new Failure(`--${option} must be a list separated by commas`, 2);
  return names;
}

function rowsOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const rows = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!(rows >= 1 && rows <= MOST_ROWS))
    throw new Failure(`--${option} must be a number of rows from 1 to ${MOST_ROWS}`, 2);
  return rows;
}
