/** Which records are to be erased. */
export interface Selection {
  /** What the ledger says of it: never the value. */
  readonly where: string;
  /** One of these stands in every line that has such a record. */
  readonly texts: readonly Buffer[];
  /** Whether a record, as it is parsed, is one of them. */
  matches(record: RecordFields): boolean;
}

/** What is read of a record that may be erased. */
export interface RecordFields {
  readonly prediction_id?: unknown;
  readonly principal?: unknown;
  readonly inputs?: Readonly<Record<string, unknown>> | null;
  readonly previous?: unknown;
  readonly seq?: unknown;
}

/** The records of one caller. */
export function ofPrincipal(name: string): Selection {
  return {
    where: 'principal',
    texts: [Buffer.from(`"principal":${JSON.stringify(name)}`)],
    matches: ({ principal }) => principal === name,
  };
}

/** The records with a value of an input: as a text, and as the number, truth value or null that the text says. */
export function ofInput(input: string, value: string): Selection {
  const values = [JSON.stringify(value), ...plainValue(value)];
  return {
    where: `input ${input}`,
    texts: values.map((each) => Buffer.from(`${JSON.stringify(input)}:${each}`)),
    matches: ({ inputs }) => inputs?.[input] !== undefined && values.includes(JSON.stringify(inputs[input])),
  };
}

/** As the record would have it. */
function plainValue(text: string): string[] {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? [] : [JSON.stringify(value)];
  } catch {
    return [];
  }
}
