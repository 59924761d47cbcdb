import { pipeline } from 'node:stream/promises';
import { epochSeconds } from '../inputs/date-time.js';
import { Audit, type Audited, type Question } from '../journal/audit.js';
import { prunedDates } from '../journal/pruned-days.js';
import { dayFolders } from '../journal/record-tree.js';
import { Failure } from './failure.js';
import { noRecord } from './find-record.js';
import { recordFolder } from './log.js';

/** What `audit` is asked beside a folder. */
export interface AuditOptions {
  readonly id?: string;
  readonly principal?: string;
  readonly model?: string;
  readonly since?: string;
  readonly until?: string;
  readonly format?: string;
}

const COLUMNS = [
  'time',
  'principal',
  'prediction_id',
  'request_id',
  'model',
  'version',
  'sha256',
  'route',
  'inputs',
  'hidden',
  'outputs',
] as const;
/** A spreadsheet runs what begins so. */
const FORMULA = /^[=+\-@\t\r]/;
const PIECE_CHARACTERS = 65_536;

/** How records are printed. */
interface Format {
  readonly head: string;
  readonly of: (audited: Audited) => string;
}

const FORMATS: Readonly<Record<string, Format>> = {
  ndjson: { head: '', of: ({ line }) => `${line.toString()}\n` },
  csv: {
    head: `${COLUMNS.join(',')}\n`,
    of: ({ record }) => `${COLUMNS.map((name) => cell(record[name])).join(',')}\n`,
  },
};

/**
 * Prints the records of which all is true that is asked, and says on standard error how many there are and what may be missing.
 * @returns 0, or 1 if some lines could not be read. @throws Failure
 */
export async function audit(folder: string | undefined, options: AuditOptions): Promise<number> {
  const { id, principal, model, format: name = 'ndjson' } = options;
  if ([id, principal, model, options.since, options.until].every((each) => each === undefined))
    throw new Failure('audit needs to know what is asked: --id, --principal, --model, --since or --until', 2);
  const format = Object.hasOwn(FORMATS, name) ? FORMATS[name]! : undefined;
  if (format === undefined) throw new Failure('--format must be ndjson or csv', 2);
  const question = {
    model,
    principal,
    since: time('--since', options.since),
    until: time('--until', options.until),
  };
  const root = recordFolder(folder);
  if (model !== undefined) assertModel(root, model);
  const reading = new Audit(root, question);
  const counted = { records: 0 };
  const records = id === undefined ? reading.records() : single(reading, root, id);
  await print(texts(records, format, counted));
  process.stderr.write(`nestor: ${counted.records} records\n`);
  if (reading.erased > 0)
    process.stderr.write(
      `nestor: ${reading.erased} records among those that were read are erased; erasures.ndjson says by whom and when\n`,
    );
  if (id === undefined) tellPruned(root, question);
  if (reading.unread === 0) return 0;
  const places = reading.unreadAt.map((place) => `  ${place}\n`).join('');
  process.stderr.write(
    `nestor: ${reading.unread} lines could not be read, so records may be missing; see nestor log verify:\n${places}`,
  );
  return 1;
}

async function* single(reading: Audit, root: string, id: string): AsyncGenerator<Audited, void> {
  const found = await reading.byId(id.toLowerCase());
  if (found === 'gone' || found === 'unknown') throw noRecord(root, id, found);
  if (found !== 'other') yield found;
}

async function* texts(
  records: AsyncIterable<Audited>,
  { head, of }: Format,
  counted: { records: number },
): AsyncGenerator<string, void> {
  let piece = head;
  for await (const each of records) {
    counted.records++;
    piece += of(each);
    if (piece.length < PIECE_CHARACTERS) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}

/** As fast as they are read; whoever reads no further (`| head`) has what he wanted. */
async function print(pieces: AsyncIterable<string>): Promise<void> {
  try {
    await pipeline(pieces, process.stdout, { end: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  }
}

/** A model that is misspelt must not look like one that was never asked. */
function assertModel(root: string, model: string): void {
  const known = new Set([...dayFolders(root)].map((day) => day.model));
  if (known.has(model)) return;
  const names = known.size === 0 ? 'there are none at all' : `there are some of ${[...known].join(', ')}`;
  throw new Failure(`no record below ${root} is of the model ${model}; ${names}`);
}

function tellPruned(root: string, { since = -Infinity, until = Infinity }: Question): void {
  const dates = [...prunedDates(root)].filter((date) => {
    const begin = Date.parse(date);
    return begin + 86_400_000 > since && begin < until;
  });
  if (dates.length > 0)
    process.stderr.write(
      `nestor: of ${dates.length} days in that time records were removed by nestor log prune, the last ${dates.toSorted().at(-1)}\n`,
    );
}

/** Milliseconds since 1970. @throws Failure */
function time(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = epochSeconds(text);
  if (Number.isNaN(seconds))
    throw new Failure(`${option} must be a date or a time, such as 2026-11-27 or 2026-11-27T08:00:00Z`, 2);
  return 1_000 * seconds;
}

/** A value as a cell of CSV (RFC 4180), which no spreadsheet takes for a formula. */
function cell(value: unknown): string {
  if (value === undefined || value === null) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const harmless = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
