import { type HiddenInputs, NONE_HIDDEN } from '../inputs/hidden-inputs.js';
import type { Row } from '../inputs/input-check.js';
import type { InputHash } from './input-hash.js';

/** What records keep of the rows of a version: all of them, but for the values of hidden inputs. */
export class RecordedRows {
  static readonly WHOLE = new RecordedRows(NONE_HIDDEN, '');

  /** A row in the JSON of its record. Chosen once, so that a row costs no more where nothing is hidden. */
  readonly text: (row: Row) => string;

  /** @param hash must be there if values are hashed */
  constructor(
    readonly hidden: HiddenInputs,
    private readonly model: string,
    private readonly hash?: InputHash,
  ) {
    this.text = hidden.size === 0 ? (row) => JSON.stringify(row) : (row) => JSON.stringify(this.hide(row));
  }

  private hide(row: Row): Row {
    const kept = { ...row };
    for (const [name, how] of this.hidden) {
      const value = row[name];
      // What is undefined is left out of JSON.
      if (how === 'drop') kept[name] = undefined;
      // What is missing stays so.
      else if (value !== null && value !== undefined) kept[name] = this.hash!.of(this.model, name, value);
    }
    return kept;
  }
}
