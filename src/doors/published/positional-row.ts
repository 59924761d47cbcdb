import { type FieldError, InvalidInput } from '../../errors/errors.js';
import type { HiddenInputs } from '../../inputs/hidden-inputs.js';
import type { Place } from '../../inputs/input-check.js';
import { type InputClass, inputSchema } from '../../inputs/input-schema.js';

const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;

/** Rows of older APIs: values without names, in the order of the DTO's fields, all of them called `data`. */
export class PositionalRow {
  private readonly fields: readonly string[];

  constructor(dto: InputClass) {
    this.fields = Object.keys(inputSchema(dto).properties);
  }

  /**
   * @param hidden inputs whose values are not repeated; undefined: nobody can tell, so none is
   * @throws InvalidInput that names the position of the value that is not a number, or how many there should be.
   */
  parse(values: readonly string[], hidden?: HiddenInputs): Record<string, number> {
    if (values.length !== this.fields.length) {
      const detail = `holds ${values.length} values; send ${this.fields.length}: ${this.fields.join(', ')}`;
      throw new InvalidInput([{ pointer: '/data', code: 'wrong_count', detail }]);
    }
    const errors = values.flatMap((value, index) =>
      NUMBER.test(value.trim())
        ? []
        : [this.error(index, 'type', `must be a number${got(value, hidden?.has(this.fields[index]!))}`)],
    );
    if (errors.length > 0) throw new InvalidInput(errors);
    return Object.fromEntries(this.fields.map((field, index) => [field, Number(values[index])]));
  }

  /** Names the position instead of the field. */
  readonly place: Place = ({ pointer, code, detail }) =>
    this.error(this.fields.indexOf(pointer.slice(1)), code, detail);

  private error(index: number, code: string, detail: string): FieldError {
    return { pointer: '/data', code, detail: `value ${index + 1} (${this.fields[index]}) ${detail}` };
  }
}

const got = (value: string, isHidden = true): string =>
  isHidden ? '' : `; got ${JSON.stringify(value.slice(0, 64))}`;
