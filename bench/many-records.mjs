// Writes millions of records of iris as a server would have, by two writers who take turns, ten a millisecond.
import { closeSync, mkdirSync, openSync, utimesSync, writeSync } from 'node:fs';
import { join } from 'node:path';

export const A_FILE = 100_000;
const A_MILLISECOND = 10;
const BYTES = 640;
/** When the first of them was made. */
export const FIRST = Date.parse('2026-11-26T00:00:01Z');

const timeOf = (number) => FIRST + Math.floor(number / A_MILLISECOND);

/** The id of a record by its number, or of one that is none by another time. */
export function idOf(number, at = timeOf(number)) {
  const time = at.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${number.toString(16).padStart(12, '0')}`;
}

/** Writes so many records of 640 bytes below `root`, in files of `A_FILE`. */
export function writeRecords(root, records) {
  const folder = join(root, 'model=iris', 'date=2026-11-26');
  mkdirSync(folder, { recursive: true });
  for (let first = 0, file = 0; first < records; first += A_FILE, file++) {
    const path = join(folder, `h-${1 + (file % 2)}-${file >> 1}.ndjson`);
    const fd = openSync(path, 'w');
    const last = Math.min(first + A_FILE, records);
    for (let number = first; number < last; number += 1_000) {
      let text = '';
      for (let each = number; each < Math.min(number + 1_000, last); each++) text += lineOf(each);
      writeSync(fd, text);
    }
    closeSync(fd);
    // As a server would have left it.
    utimesSync(path, timeOf(last) / 1_000, timeOf(last) / 1_000);
  }
}

const TAIL =
  '","time":"2026-11-26T00:00:01.000Z","model":"iris","version":"1","inputs":{"sepal_length":5.1,"sepal_width":3.5,"petal_length":1.4,"petal_width":0.2},"outputs":{"prediction":0,"label":"setosa"}}\n';

function lineOf(number) {
  return `{"prediction_id":"${idOf(number)}","request_id":"`.padEnd(BYTES - TAIL.length, 'x') + TAIL;
}
