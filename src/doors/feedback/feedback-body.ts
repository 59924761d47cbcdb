import { closed } from '../../artifacts/closed-schema.js';
import { BadRequest, InvalidInput } from '../../errors/errors.js';
import { tooLargeText } from '../../http/body-limit.js';
import { CSV, Table } from '../../http/table-body.js';
import type { BodyForm } from '../../inputs/body-form.js';
import {
  MOST_PAIRS,
  type Pair,
  pairOf,
  pairsOfCsv,
  pairsOfNdjson,
  TableFault,
} from '../../watch/feedback-pairs.js';

/** Of a call of so many pairs; the value of a model of several targets is an object, whose names are not known here: of three targets each pair may have all. */
export const FEEDBACK_FORM: BodyForm = {
  bytes: 4_194_304,
  containers: 4 * MOST_PAIRS,
  items: 2 * MOST_PAIRS,
  fields: 5 * MOST_PAIRS,
  strays: 3 * MOST_PAIRS,
  names: new Set(['feedback', 'prediction_id', 'value']),
};

/** What a larger one is refused by. */
export const tooLarge = (): BadRequest =>
  new BadRequest(
    'body_too_large',
    tooLargeText('POST', { kind: undefined, takes: FEEDBACK_FORM }, FEEDBACK_FORM.bytes),
  );

const PAIR_SCHEMA = closed({
  prediction_id: { type: 'string', description: 'What a prediction was answered with' },
  value: {
    description:
      'What turned out to be true: the value of a class, not its label, or a number; of several targets an object with one for each',
  },
});

export const FEEDBACK_SCHEMA = {
  oneOf: [PAIR_SCHEMA, closed({ feedback: { type: 'array', maxItems: MOST_PAIRS, items: PAIR_SCHEMA } })],
};

/** The same as tables. */
export const TABLE_SCHEMAS = {
  [CSV]: {
    schema: { type: 'string', description: 'The first line names the columns `prediction_id` and `value`' },
  },
  'application/x-ndjson': {
    schema: { type: 'string', description: 'Lines of `{"prediction_id", "value"}`' },
  },
};

/**
 * The pairs of a call; undefined stands for what is none.
 * @throws InvalidInput, BadRequest where the whole is no list of pairs, or too long a one
 */
export function pairsOfBody(body: unknown): (Pair | undefined)[] {
  if (body instanceof Table) return pairsOfTable(body);
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw fault(
      '',
      'type',
      'must be an object with prediction_id and value, or with feedback, a list of these',
    );
  if (!('feedback' in body)) return [singlePair(body)];
  const stray = Object.keys(body).find((key) => key !== 'feedback');
  if (stray !== undefined) throw fault(`/${stray}`, 'unknown_field', 'is not known here');
  const { feedback } = body;
  if (!Array.isArray(feedback)) throw fault('/feedback', 'type', 'must be a list of pairs');
  if (feedback.length > MOST_PAIRS) throw tooMany('/feedback');
  return feedback.map(pairOf);
}

/** A call of one pair says what is wrong with it as any other call does. */
function singlePair(body: object): Pair {
  const stray = Object.keys(body).find((key) => key !== 'prediction_id' && key !== 'value');
  if (stray !== undefined) throw fault(`/${stray.slice(0, 100)}`, 'unknown_field', 'is not known here');
  for (const name of ['prediction_id', 'value'])
    if (!(name in body)) throw fault(`/${name}`, 'required', 'is required');
  return body as Pair;
}

function pairsOfTable({ type, text }: Table): (Pair | undefined)[] {
  const pairs: (Pair | undefined)[] = [];
  try {
    for (const { pair } of type === CSV ? pairsOfCsv(text) : pairsOfNdjson(text)) {
      if (pairs.push(pair) > MOST_PAIRS) throw tooMany('');
    }
  } catch (error) {
    if (error instanceof TableFault) throw new BadRequest('bad_request', error.message);
    throw error;
  }
  return pairs;
}

const fault = (pointer: string, code: string, detail: string): InvalidInput =>
  new InvalidInput([{ pointer, code, detail }]);

const tooMany = (pointer: string): InvalidInput =>
  fault(
    pointer,
    'too_many_rows',
    `may hold ${MOST_PAIRS.toLocaleString('en')} pairs; send the others in further calls`,
  );
