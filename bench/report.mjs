// Figures as text.

export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** A table with names to the left and numbers to the right; `columns` is header → function of the row. */
export function table(rows, columns) {
  const headers = Object.keys(columns);
  const cells = rows.map((row) => headers.map((header) => columns[header](row) ?? '–'));
  const widths = headers.map((header, index) =>
    Math.max(header.length, ...cells.map((each) => each[index].length)),
  );
  const line = (texts) =>
    texts
      .map((text, index) => (index === 0 ? text.padEnd(widths[0]) : text.padStart(widths[index])))
      .join('  ');
  return [line(headers), widths.map((width) => '─'.repeat(width)).join('  '), ...cells.map(line)].join('\n');
}

const fixed = (digits) => (value) => (value === undefined ? undefined : value.toFixed(digits));
const whole = (value) => (value === undefined ? undefined : Math.round(value).toLocaleString('en'));
const share = (value) => `${Math.round(value * 100)} %`;
const times = (value) => (value === undefined ? undefined : `${value.toFixed(2)} ×`);

export const singleTable = (rows) =>
  table(rows, {
    server: ({ name }) => name,
    connections: ({ connections }) => String(connections),
    'requests/s': ({ perSecond }) => whole(perSecond),
    'p50 ms': ({ p50Ms }) => fixed(2)(p50Ms),
    'p99 ms': ({ p99Ms }) => fixed(2)(p99Ms),
    'CPU µs/request': ({ cpuUs }) => fixed(1)(cpuUs),
    'of its core': ({ coreShare }) => share(coreShare),
    'wrk of its core': ({ clientShare }) => share(clientShare),
    'RSS MiB': ({ memoryMiB }) => whole(memoryMiB),
    '× floor': ({ timesFloor }) => times(timesFloor),
    '(by CPU)': ({ cpuTimesFloor }) => times(cpuTimesFloor),
    '× FastAPI': ({ timesPython }) => times(timesPython),
    '(by CPU) ': ({ cpuTimesPython }) => times(cpuTimesPython),
    '× mosec (CPU)': ({ cpuTimesMosec }) => times(cpuTimesMosec),
  });

const MB_PER_MIB = 1.048_576;
/** By connections: what single rows must reach of the floor, by CPU. */
const TIMES_FLOOR = { 1: 0.5, 32: 0.8, 128: 0.85 };

/** The figures against the goals, one line each, and the noise that they have to be seen by. */
export function goalsText(single, bulk, memory) {
  const lines = [];
  const goal = (what, value, least) => {
    if (value === undefined || !Number.isFinite(value)) return;
    lines.push(`${value >= least ? 'reached' : 'MISSED '}  ${what}: ${value.toFixed(2)}, goal ${least}`);
  };
  const most = (what, value, bound) =>
    lines.push(
      `${value <= bound ? 'reached' : 'MISSED '}  ${what}: ${value.toFixed(0)}, goal at most ${bound}`,
    );
  for (const { name, connections, cpuTimesFloor, cpuTimesPython, cpuTimesMosec, cpuSpread } of single) {
    const at = `at ${connections} connections`;
    if (name === 'noise')
      lines.push(`noise    floor × floor ${at}: ${cpuSpread.map((each) => each.toFixed(2)).join(' to ')}`);
    if (name !== 'nestor') continue;
    goal(`× floor by CPU ${at}`, cpuTimesFloor, TIMES_FLOOR[connections]);
    if (connections === 32) goal(`× FastAPI by CPU ${at}`, cpuTimesPython, 9);
    goal(`× mosec by CPU ${at}`, cpuTimesMosec, 1);
  }
  const rows = bulk.find(({ name }) => name === 'nestor');
  goal('bulk × session.run', rows?.timesRaw, 0.33);
  if (memory?.single !== undefined) most('MB serving single rows', memory.single * MB_PER_MIB, 270);
  if (memory?.peak !== undefined) most('MB at most, bulk included', memory.peak * MB_PER_MIB, 320);
  return lines.join('\n');
}

export const bulkTable = (rows) =>
  table(rows, {
    '10,000 rows a call': ({ name }) => name,
    'rows/s': ({ rowsPerSecond }) => whole(rowsPerSecond),
    'ms a call': ({ ms }) => fixed(1)(ms),
    fastest: ({ fastestMs }) => fixed(1)(fastestMs),
    'after a rest': ({ restedMs }) => fixed(1)(restedMs),
    'CPU µs/row': ({ cpuUsPerRow }) => fixed(2)(cpuUsPerRow),
    '× session.run': ({ timesRaw }) => times(timesRaw),
    '× FastAPI': ({ timesPython }) => times(timesPython),
  });

export const modelTable = (rows) =>
  table(rows, {
    model: ({ name }) => name,
    'requests/s': ({ perSecond }) => whole(perSecond),
    'p50 ms': ({ p50Ms }) => fixed(2)(p50Ms),
    'p99 ms': ({ p99Ms }) => fixed(2)(p99Ms),
    'CPU µs/request': ({ cpuUs }) => fixed(1)(cpuUs),
    'of its core': ({ coreShare }) => share(coreShare),
    'rows/batch': ({ batchRows }) => fixed(1)(batchRows),
    ...Object.fromEntries(
      Object.keys(rows[0]?.stages ?? {}).map((stage) => [
        `${stage} µs`,
        ({ stages }) => fixed(2)(stages[stage]),
      ]),
    ),
    'model alone µs': ({ modelUs }) => fixed(2)(modelUs),
    'limited by': ({ limit }) => limit,
  });
