// What a server leaves behind: the records of its predictions and the counters of /metrics.
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** The record lines of a prediction-log folder, each given once. */
export class Records {
  taken = new Map();
  /** Bytes by model, to be compared with what the server counted. */
  bytes = new Map();

  constructor(folder) {
    this.folder = folder;
  }

  /** The lines that were written since the last time: model → lines, those of one call in their order. */
  take() {
    const lines = new Map();
    for (const path of globSync('model=*/date=*/*.ndjson', { cwd: this.folder }).toSorted(inOrder)) {
      const text = readFileSync(join(this.folder, path));
      const from = this.taken.get(path) ?? 0;
      this.taken.set(path, text.length);
      const model = /^model=([^/]+)/.exec(path)[1];
      this.bytes.set(model, (this.bytes.get(model) ?? 0) + text.length - from);
      const more = text.toString('latin1', from).split('\n').slice(0, -1);
      lines.set(model, (lines.get(model) ?? []).concat(more));
    }
    return lines;
  }
}

const numberOf = (path) => Number(/-(\d+)\.ndjson$/.exec(basename(path))?.[1]);
const dateOf = (path) => /date=([^/]+)/.exec(path)[1];
const inOrder = (a, b) => dateOf(a).localeCompare(dateOf(b)) || numberOf(a) - numberOf(b);

/** A record without what no two runs have in common; what is not as it should be stays and is seen. */
export function maskRecord(line) {
  return (
    line
      .replace(/(?<=^[^{]*\{[^{]*"time":")\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z(?=")/, '<time>')
      .replace(/(?<="duration_us":)\d+(?=,"principal":[^}]*\}$)/, '<duration>')
      // A record more or less is told once, not by every one that follows in its file.
      .replace(/(?<="seq":)\d+(?=\}$)/, '<seq>')
      .replace(/(?<="salt":")[\w-]{22}(?=","previous":"[\w-]{43}","schema":)/, '<salt>')
      .replace(/(?<="previous":")[\w-]{43}(?=","schema":\d+,"seq":)/, '<previous>')
  );
}

/**
 * Memory and disk of the machine; what the runtime does; how often the start was asked for; digests of records; drift, which is
 * looked at from time to time, and then by whatever was counted until then.
 */
const NOT_COMPARED =
  /^(process_|nodejs_|nestor_prediction_log_(free_bytes|size_bytes|head_info)|nestor_drift_(status|features|psi))|route="\/health\/ready"/;

/**
 * The series of /metrics: name with labels → value. Durations are left out, but not their number. Without `isExact` so
 * is how rows were put together into runs, which among pipelined calls is a matter of microseconds.
 */
export function countersOf(text, bytes, isExact) {
  const series = new Map();
  for (const line of text.split('\n')) {
    if (line === '' || NOT_COMPARED.test(line)) continue;
    if (line.startsWith('#')) {
      series.set(line, '');
      continue;
    }
    const [name, value] = [line.slice(0, line.lastIndexOf(' ')), line.slice(line.lastIndexOf(' ') + 1)];
    if (/^\w+_seconds_(bucket|sum)\b/.test(name)) continue;
    const isOfRuns = /^nestor_inference_(batch_rows_(bucket|count)|stage_duration_seconds_count)\b/.test(
      name,
    );
    if (!isExact && isOfRuns && !name.includes('stage="validate"')) continue;
    series.set(name, value);
  }
  // Durations differ in their digits, so the bytes are compared with the files instead of with the other server.
  for (const [name, value] of series) {
    const [, model] = /^nestor_prediction_log_bytes_total\{model="([^"]+)"\}/.exec(name) ?? [];
    if (model !== undefined && Number(value) === (bytes.get(model) ?? 0)) series.set(name, 'as in the files');
  }
  return series;
}
