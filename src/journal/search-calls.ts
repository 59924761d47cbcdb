/** What the thread of the record search is asked. */
export interface SearchCall {
  readonly id: number;
  readonly root: string;
  readonly ids: readonly string[];
}

/** What was found of an id: the line of its record, or none. */
export type FoundText =
  { readonly outcome: 'found'; readonly line: string } | { readonly outcome: 'gone' | 'unknown' };

/** What it answers: of each id, in their order; or why the files could not be read. */
export type SearchReply =
  | { readonly id: number; readonly found: readonly FoundText[] }
  | { readonly id: number; readonly message: string };
