/** A text that says something. */
export const text = { type: 'string', minLength: 1 } as const;

/** An object with these properties and no other; all but the optional ones must be there. */
export const closed = (properties: object, optional: readonly string[] = []): object => ({
  type: 'object',
  additionalProperties: false,
  properties,
  required: Object.keys(properties).filter((key) => !optional.includes(key)),
});

export const list = (items: object): object => ({ type: 'array', minItems: 1, items });
