import { readFileSync } from 'node:fs';
import { json } from 'node:stream/consumers';
import {
  MOST_PAIRS,
  type Pair,
  type PairLine,
  pairsOfCsv,
  pairsOfNdjson,
  TableFault,
} from '../watch/feedback-pairs.js';
import { Failure } from './failure.js';
import type { Remote } from './remote.js';

/** What a server says of the pairs of a call. */
interface Answer {
  readonly accepted: number;
  readonly replaced: number;
  readonly unchanged: number;
  readonly rejected: readonly { readonly index: number; readonly code: string; readonly detail: string }[];
}

/** So many rejected lines are shown. */
const SHOWN = 20;
/** A server takes some MiB in a call. */
const MOST_CHARACTERS = 1_000_000;

/** Values in the form of their file, and how a server is told them. */
interface Form {
  readonly type: string;
  readonly head: string;
  readonly read: (text: string) => Iterable<PairLine>;
  readonly write: (pair: Pair) => string;
}

const quoted = (cell: unknown): string => `"${String(cell).replaceAll('"', '""')}"`;

const CSV: Form = {
  type: 'text/csv',
  head: 'prediction_id,value\n',
  read: pairsOfCsv,
  write: ({ prediction_id, value }) => `${quoted(prediction_id)},${quoted(value)}\n`,
};
const NDJSON: Form = {
  type: 'application/x-ndjson',
  head: '',
  read: pairsOfNdjson,
  write: (pair) => `${JSON.stringify(pair)}\n`,
};

/**
 * Sends the values of a file to a server, in calls of at most 10,000, and says what became of them. What was sent before a
 * failure stays; the same file may be sent again.
 * @throws Failure if some were rejected, or the server takes none
 */
export async function sendFeedback(path: string, remote: Remote): Promise<void> {
  const sending = new Sending(remote, formOf(path));
  try {
    await sending.all();
  } catch (error) {
    if (error instanceof TableFault) throw new Failure(`${path}: ${error.message}`, 2);
    if (!(error instanceof Failure)) throw error;
    throw new Failure(`${error.message}\nuntil then: ${sending.said}; send the file again`, error.exitCode);
  }
  if (sending.rejected.length > 0) throw new Failure(`${sending.said}\n${sending.shown}`);
  process.stdout.write(`${sending.said}\n`);
}

/** A text that begins with an object is NDJSON. @throws Failure */
function formOf(path: string): Form & { readonly text: string } {
  try {
    const text = readFileSync(path, 'utf8');
    return { ...(text.trimStart().startsWith('{') ? NDJSON : CSV), text };
  } catch (error) {
    throw new Failure(`${path} cannot be read: ${(error as Error).message}`, 2);
  }
}

class Sending {
  readonly rejected: string[] = [];
  private readonly total = { accepted: 0, replaced: 0, unchanged: 0 };
  private body = '';
  /** Of the pairs in the body, where they stand in the file. */
  private lines: number[] = [];

  constructor(
    private readonly remote: Remote,
    private readonly form: Form & { readonly text: string },
  ) {}

  get said(): string {
    const { accepted, replaced, unchanged } = this.total;
    return `${accepted} accepted, ${replaced} replaced, ${unchanged} unchanged, ${this.rejected.length} rejected`;
  }

  get shown(): string {
    const more = this.rejected.length - SHOWN;
    return [...this.rejected.slice(0, SHOWN), ...(more > 0 ? [`and ${more} more`] : [])].join('\n');
  }

  async all(): Promise<void> {
    const { read, text, write } = this.form;
    for (const { line, pair } of read(text)) {
      if (pair === undefined) {
        this.rejected.push(
          `line ${line}: malformed_pair: it must have prediction_id and value, and no other`,
        );
        continue;
      }
      this.body += write(pair);
      this.lines.push(line);
      if (this.lines.length >= MOST_PAIRS || this.body.length >= MOST_CHARACTERS) await this.send();
    }
    if (this.lines.length > 0) await this.send();
  }

  private async send(): Promise<void> {
    const { type, head } = this.form;
    const reply = await this.remote.send('POST', '/feedback', {
      headers: { 'content-type': type },
      body: head + this.body,
    });
    const answer = (await json(reply)) as Answer;
    for (const name of ['accepted', 'replaced', 'unchanged'] as const) this.total[name] += answer[name];
    for (const { index, code, detail } of answer.rejected)
      this.rejected.push(`line ${this.lines[index]}: ${code}: ${detail}`);
    this.body = '';
    this.lines = [];
  }
}
