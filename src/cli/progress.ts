import { pipeline, type Readable, Transform } from 'node:stream';

const EVERY_MS = 200;

/** The bytes of `source`; on a terminal it says how many have gone by, elsewhere nothing. */
export function progress(source: Readable, what: string, total: number | undefined): Readable {
  const { stderr } = process;
  let done = 0;
  let told = performance.now();
  const tell = (end: string): void => {
    told = performance.now();
    const percent = total === undefined ? '' : ` (${Math.floor((100 * done) / total)} %)`;
    stderr.write(`\r${what} ${(done / 1e6).toFixed(1)} MB${percent}${end}`);
  };
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, next) {
      done += chunk.length;
      if (stderr.isTTY && performance.now() - told > EVERY_MS) tell('');
      next(null, chunk);
    },
    flush(next) {
      if (stderr.isTTY) tell('\n');
      next();
    },
  });
  // An error of the source is met by whoever reads on.
  return pipeline(source, counted, () => {});
}
