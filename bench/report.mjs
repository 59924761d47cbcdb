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

/** Least of what a floor does that single rows must reach by CPU, by connections. */
const GOALS = { 1: 0.5, 32: 0.8, 128: 0.85 };

/** Nestor's figures against the goals, one line each. */
export function goalsText(rows) {
  return rows
    .filter(({ name, cpuTimesFloor }) => name === 'nestor' && cpuTimesFloor !== undefined)
    .map(({ connections, cpuTimesFloor }) => {
      const goal = GOALS[connections];
      const word = cpuTimesFloor >= goal ? 'reached' : 'MISSED';
      return `goal at ${connections} connections: ${goal} × floor by CPU: ${cpuTimesFloor.toFixed(2)}, ${word}`;
    })
    .join('\n');
}

export const bulkTable = (rows) =>
  table(rows, {
    '10,000 rows a call': ({ name }) => name,
    'rows/s': ({ rowsPerSecond }) => whole(rowsPerSecond),
    'ms a call': ({ ms }) => fixed(1)(ms),
    fastest: ({ fastestMs }) => fixed(1)(fastestMs),
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
