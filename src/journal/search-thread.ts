import { parentPort } from 'node:worker_threads';
import { findRecords } from './record-search.js';
import type { FoundText, SearchCall, SearchReply } from './search-calls.js';

const port = parentPort!;
let before = Promise.resolve();

port.on('message', (call: SearchCall) => {
  before = before.then(async () => port.postMessage(await answer(call)));
});

async function answer({ id, root, ids }: SearchCall): Promise<SearchReply> {
  try {
    const searches = await findRecords(root, ids);
    const found = ids.map((each): FoundText => {
      const search = searches.get(each)!;
      return search.outcome === 'found' ? { outcome: 'found', line: search.line.toString() } : search;
    });
    return { id, found };
  } catch (error) {
    return { id, message: (error as Error).message };
  }
}
