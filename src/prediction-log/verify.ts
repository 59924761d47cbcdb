import { createReadStream, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

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
  let line = 0;
  for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    line++;
    const record = parseRecord(text);
    if (record === undefined) {
      found.torn++;
      if (found.tornAt.length < LISTED) found.tornAt.push(`${path}:${line}`);
      continue;
    }
    found.records++;
    found.models[record.model] = (found.models[record.model] ?? 0) + 1;
    if (seen.has(record.prediction_id)) {
      found.duplicates++;
      if (found.duplicatesAt.length < LISTED)
        found.duplicatesAt.push(`${path}:${line} ${record.prediction_id}`);
    }
    seen.add(record.prediction_id);
  }
}

function parseRecord(text: string): { prediction_id: string; model: string } | undefined {
  try {
    const record = JSON.parse(text) as { prediction_id?: unknown; model?: unknown } | null;
    const { prediction_id, model } = record ?? {};
    return typeof prediction_id === 'string' && typeof model === 'string'
      ? { prediction_id, model }
      : undefined;
  } catch {
    return undefined;
  }
}
