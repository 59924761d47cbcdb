import { LONGEST_DATE_TIME } from './date-time.js';
import type { FieldSchema, InputSchema } from './input-schema.js';

/** Room for what is not counted: the envelope around rows, and faults that are better told by their names. */
const SLACK = 1_000;
/** Rows may be twice as many as are taken, so that the caller hears how many there are. */
const ROOM = 2;
/** No route takes less: a body that small costs nothing, and its faults are told one by one. */
export const LEAST_BYTES = 16_384;
/** A number with every digit that it may have, quotes of a text, and white space around a field of a printed row. */
const BYTES_PER_FIELD = 128;
/** A character outside of the basic plane, as two escapes `\ud83d\ude00`. */
const ESCAPED_CHARACTER = 12;

/**
 * What the JSON of a call holds at most. More cannot be legal, and is refused before it is parsed: what costs a parser
 * are the values, above all those whose names it has never seen, and not the bytes.
 */
export interface BodyForm {
  readonly bytes: number;
  /** Objects and lists. */
  readonly containers: number;
  /** Values that stand in lists. */
  readonly items: number;
  /** Values that stand in objects. */
  readonly fields: number;
  /** Fields that have none of these names. */
  readonly strays: number;
  readonly names: ReadonlySet<string>;
  /** Numbers in it go back to the caller, so they must stay as they were written. */
  readonly keepsNumbers?: boolean;
}

/** Of a body that is one row. */
export function rowForm(schema: InputSchema): BodyForm {
  return { ...formOf(1, Object.keys(schema.properties)), bytes: rowBytes(schema) };
}

/** Of a row whose model is not known yet. */
export const ANY_ROW: BodyForm = {
  bytes: Infinity,
  containers: SLACK,
  items: SLACK,
  fields: 10 * SLACK,
  strays: 10 * SLACK,
  names: new Set(),
};

/** Of a body that holds `rows` rows in a list; its bytes are for the route to say. */
export function rowsForm(schema: InputSchema, rows: number): BodyForm {
  return formOf(rows, [...Object.keys(schema.properties), 'instances']);
}

/** Of an object of lists, one for each name, with a value for each row. */
export function columnsForm(names: readonly string[], rows: number): BodyForm {
  const form = formOf(1, names);
  return { ...form, items: ROOM * rows * names.length + SLACK };
}

function formOf(rows: number, names: readonly string[]): BodyForm {
  const containers = ROOM * rows + SLACK;
  return {
    bytes: Infinity,
    containers,
    items: containers,
    fields: containers * names.length,
    // As many as one misspelt name in every row.
    strays: rows + SLACK,
    names: new Set(names),
  };
}

/** Bytes that a row takes at most, its texts escaped throughout. */
function rowBytes({ properties }: InputSchema): number {
  const bytes = Object.entries(properties).map(
    ([name, field]) => ESCAPED_CHARACTER * name.length + valueBytes(field) + BYTES_PER_FIELD,
  );
  return bytes.reduce((sum, each) => sum + each, LEAST_BYTES);
}

function valueBytes({ type, enum: options, format, maxLength = Infinity }: FieldSchema): number {
  if (format !== undefined) return ESCAPED_CHARACTER * LONGEST_DATE_TIME;
  if (options !== undefined) {
    return ESCAPED_CHARACTER * Math.max(...options.map((option) => String(option).length), 0);
  }
  return [type].flat().includes('string') ? ESCAPED_CHARACTER * maxLength : 0;
}
