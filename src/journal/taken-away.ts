import { ledgerState, readLedger } from './ledger.js';

/** What the ledger says is not there any more. */
export interface TakenAway {
  /** Ids of records that were erased. */
  readonly erased: ReadonlySet<string>;
  /** Days of a model that were pruned; one that was interrupted stands there twice. */
  readonly pruned: readonly (readonly [model: string, date: string])[];
}

let known: { readonly root: string; readonly state: string; readonly found: TakenAway } | undefined;

/** Kept as long as the ledger does not change: it is asked at every search that finds nothing. */
export function takenAway(root: string): TakenAway {
  const state = ledgerState(root);
  if (known?.root !== root || known.state !== state) known = { root, state, found: read(root) };
  return known.found;
}

function read(root: string): TakenAway {
  const entries = readLedger(root);
  return {
    erased: new Set(entries.flatMap((entry) => ('erased' in entry ? entry.records.map(({ id }) => id) : []))),
    pruned: entries.flatMap((entry) => ('pruned' in entry ? [[entry.model, entry.date] as const] : [])),
  };
}
