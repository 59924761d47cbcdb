import { Ajv, type ValidateFunction } from 'ajv';
import type { InputSchema } from './input-schema.js';

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
    });
    return ajv.addKeyword('x-unit').compile(this.schema);
  }
}
