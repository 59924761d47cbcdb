import type { StateDatabase } from '../state/state-database.js';
import type { StoredLabel } from '../state/stored-feedback.js';

/** So many are held at once. */
const PAGE = 200;

/**
 * The labelled predictions of a model that were given a value at or after a time, in the order in which they were, as
 * lines of JSON. The first page is read before this resolves.
 * @throws StateUnavailable
 */
export async function labelledRows(
  state: StateDatabase,
  model: string,
  since: number,
): Promise<AsyncIterableIterator<string>> {
  // The first of a millisecond: no id is shorter than the empty one.
  const first = await state.run('labelsOf', { model, given: since, id: '', limit: PAGE });
  return pagesFrom(state, model, first);
}

async function* pagesFrom(
  state: StateDatabase,
  model: string,
  first: readonly StoredLabel[],
): AsyncIterableIterator<string> {
  for (let page = first; page.length > 0;) {
    yield page.map(lineOf).join('');
    const { given, prediction_id: id } = page.at(-1)!;
    page = page.length < PAGE ? [] : await state.run('labelsOf', { model, given, id, limit: PAGE });
  }
}

/** Texts of JSON stay as they are. */
function lineOf({ prediction_id, version, predicted, given, inputs, value }: StoredLabel): string {
  const times = `"time":"${timeText(predicted)}","given":"${timeText(given)}"`;
  return `{"prediction_id":"${prediction_id}","version":${JSON.stringify(version)},${times},"inputs":${inputs},"label":${value}}\n`;
}

const timeText = (milliseconds: number): string => new Date(milliseconds).toISOString();
