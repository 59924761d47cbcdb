import { ledgerState, readLedger } from './ledger.js';

let known = { root: '', state: '', ids: new Set<string>() as ReadonlySet<string> };

/** The ids of records that were erased, kept as long as the ledger does not change. */
export function erasedIds(root: string): ReadonlySet<string> {
  const state = ledgerState(root);
  if (known.root !== root || known.state !== state) {
    const ids = readLedger(root).flatMap((entry) =>
      'erased' in entry ? entry.records.map(({ id }) => id) : [],
    );
    known = { root, state, ids: new Set(ids) };
  }
  return known.ids;
}
