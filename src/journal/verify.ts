import { createReadStream, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** What a record tree holds. Torn lines and duplicates are listed by place, at most `LISTED` of each. */
export interface Verification {
  files: number;
  records: number;
  readonly models: Record<string, number>;
  torn: number;
  readonly tornAt: string[];
  duplicates: number;
  readonly duplicatesAt: string[];
  /** Torn lines that a repair at start has moved aside. */
  quarantined: number;
}

const LISTED = 20;
const LINE_FEED = 0x0a;

/**
 * Reads every record of a tree, line by line.
 * A line that is not a JSON object with `prediction_id` and `model` counts as torn.
 */
export async function verifyTree(root: string): Promise<Verification> {
  const found: Verification = {
    files: 0,
    records: 0,
    models: {},
    torn: 0,
    tornAt: [],
    duplicates: 0,
    duplicatesAt: [],
    quarantined: 0,
  };
  const seen = new Set<string>();
  const entries = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  found.quarantined = entries.filter(({ name }) => name.endsWith('.ndjson.torn')).length;
  for (const entry of entries.filter(({ name }) => name.endsWith('.ndjson'))) {
    found.files++;
    await verifyFile(join(entry.parentPath, entry.name), seen, found);
  }
  return found;
}

async function verifyFile(path: string, seen: Set<string>, found: Verification): Promise<void> {
  let number = 0;
  for await (const line of linesOf(path)) {
    number++;
    const record = parseRecord(line);
    if (record === undefined) {
      found.torn++;
      if (found.tornAt.length < LISTED) found.tornAt.push(`${path}:${number}`);
      continue;
    }
    found.records++;
    found.models[record.model] = (found.models[record.model] ?? 0) + 1;
    if (seen.has(record.prediction_id)) {
      found.duplicates++;
      if (found.duplicatesAt.length < LISTED)
        found.duplicatesAt.push(`${path}:${number} ${record.prediction_id}`);
    }
    seen.add(record.prediction_id);
  }
}

/** Cuts at line feeds alone: `readline` cuts at U+2028 and U+2029 too, which stand in JSON as they are. */
async function* linesOf(path: string): AsyncGenerator<Buffer> {
  let begun: Buffer[] = [];
  for await (const block of createReadStream(path) as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = block.indexOf(LINE_FEED); end !== -1; end = block.indexOf(LINE_FEED, start)) {
      yield Buffer.concat([...begun, block.subarray(start, end)]);
      begun = [];
      start = end + 1;
    }
    if (start < block.length) begun.push(block.subarray(start));
  }
  if (begun.length > 0) yield Buffer.concat(begun);
}

function parseRecord(line: Buffer): { prediction_id: string; model: string } | undefined {
  try {
    const record = JSON.parse(line.toString()) as { prediction_id?: unknown; model?: unknown } | null;
    const { prediction_id, model } = record ?? {};
    return typeof prediction_id === 'string' && typeof model === 'string'
      ? { prediction_id, model }
      : undefined;
  } catch {
    return undefined;
  }
}
