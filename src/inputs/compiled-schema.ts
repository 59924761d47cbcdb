import { _, Ajv, type ValidateFunction } from 'ajv';
import { epochSeconds } from './date-time.js';
import type { FieldSchema, InputSchema } from './input-schema.js';

/** Of texts: JSON can escape half a surrogate pair, which no UTF-8 can carry and readers of the records refuse. */
const WELL_FORMED = 'wellFormed';

/** What Ajv has compiled of a schema; versions that ask for the same share it, as most of a model's do. */
export class CompiledSchema {
  private static readonly byText = new Map<string, WeakRef<CompiledSchema>>();
  private static readonly forgotten = new FinalizationRegistry<string>((text) => {
    if (CompiledSchema.byText.get(text)?.deref() === undefined) CompiledSchema.byText.delete(text);
  });

  /** Stops at the first fault. */
  readonly isRow: ValidateFunction;
  private explaining: ValidateFunction | undefined;

  private constructor(private readonly schema: InputSchema) {
    this.isRow = this.compile(false);
  }

  static of(schema: InputSchema): CompiledSchema {
    const text = JSON.stringify(schema);
    const known = CompiledSchema.byText.get(text)?.deref();
    if (known !== undefined) return known;
    const compiled = new CompiledSchema(schema);
    CompiledSchema.byText.set(text, new WeakRef(compiled));
    CompiledSchema.forgotten.register(compiled, text);
    return compiled;
  }

  /** Keeps every fault, which costs memory for each; compiled when there is the first one. */
  get explain(): ValidateFunction {
    return (this.explaining ??= this.compile(true));
  }

  private compile(allErrors: boolean): ValidateFunction {
    // A field called "constructor" must not be found on Object.prototype; asking for own properties costs, so only then.
    const ownProperties = Object.keys(this.schema.properties).some((name) => name in Object.prototype);
    const ajv = new Ajv({
      allErrors,
      verbose: allErrors,
      ownProperties,
      allowUnionTypes: true,
      // The schema is made here. To check it too, Ajv compiles the schema of schemas each time: 15 ms of the event loop.
      validateSchema: false,
      meta: false,
      formats: { 'date-time': (text: string) => !Number.isNaN(epochSeconds(text)) },
    });
    ajv.addKeyword('x-unit').addKeyword({
      keyword: WELL_FORMED,
      type: 'string',
      schemaType: 'boolean',
      code: (context) => context.fail(_`!${context.data}.isWellFormed()`),
    });
    return ajv.compile(withWellFormedTexts(this.schema));
  }
}

/** Not in the schema itself, which the documentation shows: JSON Schema has no word for it. */
function withWellFormedTexts(schema: InputSchema): object {
  const properties = Object.entries(schema.properties).map(([name, field]) => [
    name,
    isText(field) ? { ...field, [WELL_FORMED]: true } : field,
  ]);
  return { ...schema, properties: Object.fromEntries(properties) as object };
}

const isText = ({ type }: FieldSchema): boolean => [type].flat().includes('string');
