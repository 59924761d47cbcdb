// The doors to predictions: for each, legal and illegal requests in the form that it takes. What any HTTP request can
// have wrong besides is put on by corpus.mjs.
import { posted, publishedDoors } from './published-doors.mjs';
import { LEGAL, membersOf, ModelRows, rowText } from './rows.mjs';
import { ENVELOPES } from './strange.mjs';

const MODELS = ['turnover', 'diabetes', 'iris', 'sentiment', 'sentiment-deep'];

/** Every door with its name and `request()`: `{method, path, type, body}`; `bulk()` where it takes many rows. */
export function doorsOf(artifacts, random) {
  const rows = Object.fromEntries(MODELS.map((model) => [model, new ModelRows(artifacts, model, random)]));
  return [...MODELS.flatMap((model) => typedDoors(rows[model], random)), ...publishedDoors(rows, random)];
}

function typedDoors(rows, random) {
  const { model } = rows;
  const one = () => (random.chance(0.03) ? random.pick(ENVELOPES) : rowText(membersOf(rows, random)));
  const many = `/v1/models/${model}:predict`;
  return [
    posted(`POST /models/${model}/predict`, `/models/${model}/predict`, one),
    posted(`POST /models/${model}/versions/1/predict`, `/models/${model}/versions/1/predict`, one),
    {
      ...posted(`POST ${many}`, many, () => instances(rows, random)),
      bulk: () => bulkRequests(rows, many),
    },
  ];
}

/** 1 to 300 rows, most of the time a few. */
function instances(rows, random) {
  if (random.chance(0.08)) return random.pick(ENVELOPES);
  const count = 1 + Math.floor(300 * random.next() ** 8);
  const list = Array.from({ length: count }, () => rowText(rows.legal()));
  if (!random.chance(LEGAL)) {
    for (let bad = random.pick([1, 1, 3]); bad > 0; bad--)
      list[random.int(0, count - 1)] = rowText(rows.tampered());
  }
  const beside = random.chance(0.03) ? ',"parameters":{}' : '';
  return `{"instances":[${list.join(random.pick([',', ', ', ',\n']))}]${beside}}`;
}

/** As many rows as one call may have: all of them legal, one of them not, and one too many. */
function bulkRequests(rows, path) {
  const list = rows.samples
    .filter(({ text = '' }) => text.length < 200)
    .map((input) => JSON.stringify(input));
  const of = (count, last) => {
    const all = Array.from({ length: count - last.length }, (_, row) => list[row % list.length]);
    return `{"instances":[${[...all, ...last].join(',')}]}`;
  };
  return [of(10_000, []), of(10_000, ['{}']), of(10_001, []), of(1_025, []), of(2_500, [])].map((body) => ({
    method: 'POST',
    path,
    type: 'application/json',
    body,
  }));
}
