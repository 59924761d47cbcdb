/** A number in the digits of whoever wrote it; `JSON.stringify` writes it so again. */
export interface WrittenNumber {
  readonly rawJSON: string;
}

/** What TypeScript does not know of Node's JSON yet. */
const { rawJSON, isRawJSON } = JSON as unknown as {
  rawJSON(text: string): WrittenNumber;
  isRawJSON(value: unknown): value is WrittenNumber;
};

/** Parses JSON; numbers that would be written otherwise afterwards (1.0, or more digits than a double has) stay as they are. */
export function parseAsWritten(text: string): unknown {
  try {
    return JSON.parse(text, keep as (key: string, value: unknown) => unknown);
  } catch (error) {
    // It nests deeper than Node can do this.
    if (error instanceof RangeError) return JSON.parse(text);
    throw error;
  }
}

export const isWrittenNumber = isRawJSON;

function keep(_key: string, value: unknown, { source }: { readonly source?: string }): unknown {
  return typeof value === 'number' && String(value) !== source ? rawJSON(source!) : value;
}
