// The options of `npm run bench`.
import { parseArgs } from 'node:util';
import { PYTHON_PEERS } from './peers/python-service.mjs';

/** `noise` is a second floor: what it has more or less than the first one is the machine's own doing. */
const USUAL = ['floor', 'noise', 'nestor', ...PYTHON_PEERS, 'bulk'];
/** `synced` is Nestor at that durability; its figures are those of the disk under the temporary folder. */
export const PARTS = [...USUAL, 'synced'];

export const HELP = `npm run bench -- [options]

  --rounds <n>     interleaved rounds, medians are shown (default 3)
  --seconds <n>    length of one round of one server (default 5)
  --only <list>    some of ${PARTS.join(',')} (default all but synced)
  --model <names>  instead: these models at 32 connections, and what limits them; "all" for all
  --help           this text

One core for the server, another for the client (wrk); needs wrk and taskset, and python3 for the Python peers.
The figures are printed and written to bench/results/ as JSON.`;

/** Reads the command line; a fault in it ends the process with a word on it and the help. */
export function parseOptions() {
  try {
    const { values } = parseArgs({
      options: {
        rounds: { type: 'string', default: '3' },
        seconds: { type: 'string', default: '5' },
        only: { type: 'string', default: USUAL.join(',') },
        model: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    const only = values.only.split(',');
    const unknown = only.find((part) => !PARTS.includes(part));
    if (unknown !== undefined) throw new RangeError(`--only: "${unknown}" is none of ${PARTS.join(', ')}`);
    const rounds = wholeNumber('rounds', values.rounds, 100);
    return { ...values, only, rounds, seconds: wholeNumber('seconds', values.seconds, 600) };
  } catch (error) {
    console.error(`bench: ${error.message}\n\n${HELP}`);
    return process.exit(2);
  }
}

function wholeNumber(name, text, most) {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new RangeError(`--${name} must be a whole number from 1 to ${most}`);
}
