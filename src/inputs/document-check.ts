import { Ajv, type ValidateFunction } from 'ajv';
import { InvalidInput } from '../errors/errors.js';
import { describeError, type Words } from './input-errors.js';

/** A JSON document that is no row of a model, compared with a JSON Schema. */
export class DocumentCheck {
  private compiled: ValidateFunction | undefined;
  private readonly words: Words;

  /** @param stray what is said of a field that the schema does not know */
  constructor(
    private readonly schema: object,
    stray: string,
  ) {
    this.words = { object: 'a JSON object', stray };
  }

  /** @param pointer where the document stands in the body. @throws InvalidInput that names each fault */
  assert(document: unknown, pointer = ''): void {
    const { isLegal } = this;
    if (isLegal(document)) return;
    const faults = (isLegal.errors ?? []).map((error) => describeError(error, this.words));
    const listed = faults.slice(0, InvalidInput.LISTED);
    throw new InvalidInput(
      listed.map((fault) => ({ ...fault, pointer: `${pointer}${fault.pointer}` })),
      faults.length,
    );
  }

  /** Made when the first document comes: a start does without. */
  private get isLegal(): ValidateFunction {
    if (this.compiled !== undefined) return this.compiled;
    const ajv = new Ajv({
      allErrors: true,
      verbose: true,
      ownProperties: true,
      allowUnionTypes: true,
      // The schema is made here, or was compared with one that is.
      strict: false,
      validateSchema: false,
      meta: false,
    });
    return (this.compiled = ajv.compile(this.schema));
  }
}
