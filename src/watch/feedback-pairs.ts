/** So many pairs may come in one call. */
export const MOST_PAIRS = 10_000;

/** The id of a prediction and what turned out to be true, as somebody sent them. */
export interface Pair {
  readonly prediction_id: unknown;
  readonly value: unknown;
  /** It stood in a table, where numbers are texts too. */
  readonly isText?: true;
}

/** A pair with the line of its file, from 1; undefined: what stands there is none. */
export interface PairLine {
  readonly line: number;
  readonly pair: Pair | undefined;
}

/** Why a table cannot be read at all. */
export class TableFault extends Error {}

const COLUMNS = ['prediction_id', 'value'] as const;
/** A cell and what ends it. */
const CELL = /(?:"([^"]*(?:""[^"]*)*)"|([^",\r\n]*))(,|\r\n|\n|\r|$)/y;
const LINE_END = /\r\n|\n|\r|$/g;

/**
 * The pairs of a table in CSV (RFC 4180), whose first line names the columns `prediction_id` and `value`; other columns
 * are passed over.
 * @throws TableFault without these columns
 */
export function* pairsOfCsv(text: string): Generator<PairLine, void> {
  const rows = csvRows(text.replace(/^\uFEFF/, ''));
  const { value: header } = rows.next();
  const names = header?.cells?.map((name) => name.trim()) ?? [];
  const [idAt, valueAt] = COLUMNS.map((name) => names.indexOf(name)) as [number, number];
  if (idAt < 0 || valueAt < 0)
    throw new TableFault('the first line must name the columns: prediction_id,value');
  for (const { line, cells } of rows) {
    const isPair = cells !== undefined && cells.length === names.length;
    const pair: Pair | undefined = isPair
      ? { prediction_id: cells[idAt]!.trim(), value: cells[valueAt]!.trim(), isText: true }
      : undefined;
    yield { line, pair };
  }
}

/** The pairs of a text that holds one JSON object a line. */
export function* pairsOfNdjson(text: string): Generator<PairLine, void> {
  for (const [at, line] of text.split('\n').entries()) {
    if (line.trim() !== '') yield { line: at + 1, pair: parsedPair(line) };
  }
}

/** What a JSON value says, if it is a pair. */
export function pairOf(value: unknown): Pair | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const isPair = Object.keys(value).every((key) => (COLUMNS as readonly string[]).includes(key));
  return isPair && 'prediction_id' in value && 'value' in value ? value : undefined;
}

function parsedPair(line: string): Pair | undefined {
  try {
    return pairOf(JSON.parse(line));
  } catch {
    return undefined;
  }
}

/** The rows of a table that are not empty; without cells where quotes stand wrong. */
function* csvRows(text: string): Generator<{ line: number; cells: string[] | undefined }, undefined> {
  let line = 1;
  for (let at = 0; at < text.length;) {
    const cells: string[] = [];
    const start = at;
    let isWhole = true;
    for (let end = ','; end === ',';) {
      CELL.lastIndex = at;
      const cell = CELL.exec(text);
      if (cell === null) {
        isWhole = false;
        LINE_END.lastIndex = at;
        const found = LINE_END.exec(text)!;
        at = found.index + found[0].length;
        break;
      }
      cells.push(cell[1]?.replaceAll('""', '"') ?? cell[2]!);
      end = cell[3]!;
      at = CELL.lastIndex;
    }
    const isEmpty = isWhole && cells.length === 1 && cells[0]!.trim() === '';
    if (!isEmpty) yield { line, cells: isWhole ? cells : undefined };
    line += text.slice(start, at).match(/\r\n|\n|\r/g)?.length ?? 0;
  }
  return undefined;
}
