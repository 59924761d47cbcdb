// What a model itself costs: dist's own runner over one batch again and again, with nothing else on the event loop.
// Under load the metric of the stage `run` is no such figure: session.run waits for a turn of the event loop first,
// and in that turn the next requests come in. Prints CPU µs per row of encode, run and decode together.
import { openChampion } from './champion.mjs';

const SECONDS = 2;
const [root, model, rowsText, input] = process.argv.slice(2);
const { runner } = await openChampion(root, model);
const rows = Array.from({ length: Number(rowsText) }, () => JSON.parse(input));

repeat(SECONDS / 4);
const before = process.cpuUsage();
const runs = repeat(SECONDS);
const { user, system } = process.cpuUsage(before);
console.log(JSON.stringify({ cpuUsPerRow: (user + system) / (runs * rows.length) }));
await runner.release();

function repeat(seconds) {
  const end = performance.now() + seconds * 1000;
  let count = 0;
  for (; performance.now() < end; count++) runner.run(rows, { encode: 0, run: 0, decode: 0 });
  return count;
}
