import { eachOnce } from './each-once.js';
import { readErased } from './erased-line.js';
import { endOfLine, recordBytes, wholeLines } from './record-lines.js';
import { findRecord } from './record-search.js';
import { type DayFolder, dayFolders, filesBelow, isRecordFile } from './record-tree.js';

/** Which records are asked for: those that are all of this. Times are in milliseconds since 1970. */
export interface Question {
  readonly model?: string | undefined;
  readonly principal?: string | undefined;
  /** At or after it. */
  readonly since?: number | undefined;
  /** Before it. */
  readonly until?: number | undefined;
}

/** A record that was asked for. */
export interface Audited {
  /** As it was written, without its line feed; valid until the next one. */
  readonly line: Buffer;
  readonly record: AuditedRecord;
}

/** What an audit reads of a record. */
export interface AuditedRecord {
  readonly prediction_id: string;
  readonly model: string;
  readonly time: string;
  readonly principal?: unknown;
  readonly [field: string]: unknown;
}

/** A record may stand in the folder of the day before: its call was under way at midnight. */
const BEYOND_MIDNIGHT_MS = 60_000;
const LISTED = 20;
/** As people count: file 2 before file 10. */
const { compare } = new Intl.Collator('en', { numeric: true });

/** Reads a record tree for what was asked, in constant memory: model by model, day by day, file by file. */
export class Audit {
  /** Records in the days that were read which were erased: nobody knows whose they were. */
  erased = 0;
  /** Lines that could not be read: what was asked for may be among them. */
  unread = 0;
  /** Where the first of them stand. */
  readonly unreadAt: string[] = [];

  constructor(
    private readonly root: string,
    private readonly question: Question,
  ) {}

  /** The record of a prediction, if it is what was asked for. @returns why there is none. */
  async byId(id: string): Promise<Audited | 'gone' | 'unknown' | 'other'> {
    const search = await findRecord(this.root, id, true);
    if (search.outcome !== 'found') return search.outcome;
    const record = parsed(search.line);
    return record !== undefined && this.isAsked(record) ? { line: search.line, record } : 'other';
  }

  /** @throws NodeJS.ErrnoException if a file cannot be read */
  async *records(): AsyncGenerator<Audited, void> {
    for (const day of dayFolders(this.root)) {
      if (!this.mayHold(day)) continue;
      for await (const path of filesOf(day)) yield* this.recordsIn(path);
    }
  }

  private mayHold({ model, date }: DayFolder): boolean {
    const { model: asked = model, since = -Infinity, until = Infinity } = this.question;
    const begin = Date.parse(date);
    return model === asked && begin + 86_400_000 + BEYOND_MIDNIGHT_MS > since && begin < until;
  }

  private async *recordsIn(path: string): AsyncGenerator<Audited, void> {
    let number = 0;
    try {
      for await (const lines of wholeLines(recordBytes(path))) {
        for (let start = 0; start < lines.length;) {
          const end = endOfLine(lines, start);
          const line = lines.subarray(start, end);
          number++;
          const record = parsed(line);
          if (record !== undefined && this.isAsked(record)) yield { line, record };
          else if (readErased(line, 0, line.length) !== undefined) this.erased++;
          // The last line may just be written, or was torn by a kill: nobody had an answer to it.
          else if (record === undefined && end < lines.length) this.note(`${path}:${number}`);
          start = end + 1;
        }
      }
    } catch (error) {
      if (!(error as NodeJS.ErrnoException).code?.startsWith('Z_')) throw error;
      this.note(`${path}:${number + 1}, and what follows`);
    }
  }

  private isAsked({ model, principal, time }: AuditedRecord): boolean {
    const { question } = this;
    const { since = -Infinity, until = Infinity } = question;
    const at = Date.parse(time);
    return (
      model === (question.model ?? model) &&
      (question.principal === undefined || principal === question.principal) &&
      at >= since &&
      at < until
    );
  }

  private note(place: string): void {
    this.unread++;
    if (this.unreadAt.length < LISTED) this.unreadAt.push(place);
  }
}

/** The record files of a day. */
const filesOf = ({ path }: DayFolder): AsyncGenerator<string, void> =>
  eachOnce([...filesBelow(path)].filter(isRecordFile).toSorted(compare));

function parsed(line: Buffer): AuditedRecord | undefined {
  try {
    const record = JSON.parse(line.toString()) as Partial<AuditedRecord> | null;
    const { prediction_id, model, time } = record ?? {};
    const isRecord = [prediction_id, model, time].every((each) => typeof each === 'string');
    return isRecord ? (record as AuditedRecord) : undefined;
  } catch {
    return undefined;
  }
}
