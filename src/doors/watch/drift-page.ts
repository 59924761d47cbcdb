import { type Html, html } from '../../pages/html.js';
import { moment } from '../../pages/moment.js';
import { oneLine } from '../../pages/one-line.js';
import { page, type Ways } from '../../pages/page.js';
import { type DriftStatus, LEAST_ROWS, rank } from '../../watch/drift-status.js';
import type {
  BinsView,
  DriftReport,
  FeatureView,
  FoundBy,
  Verdict,
  WindowView,
} from '../../watch/drift-view.js';
import { histogram, percent, timeline } from './watch-pictures.js';

/** A status in words, and the colour of its state. */
const STATUS_WORDS: Readonly<Record<DriftStatus, readonly [colour: string, words: string]>> = {
  severe: ['refused', 'severe drift'],
  drift: ['refused', 'drift'],
  warning: ['loading', 'has moved a little'],
  ok: ['ready', 'as trained'],
  insufficient_data: ['faint', 'too few rows to say'],
};

const FOUND_BY_WORDS: Readonly<Record<FoundBy, string>> = {
  distance: 'by where its values lie',
  missing: 'by how many are missing',
  unseen: 'by how many the training did not have',
  detector: 'row by row, by the detector',
};

/** What is asked beside what was trained, as a page: what has moved most first. */
export function driftPage(report: DriftReport, ways: Ways): string {
  const { model, version, status, verdicts, windows, training_rows } = report;
  const [colour, words] = STATUS_WORDS[status];
  const title = `${model}, version ${version}: drift`;
  const drifted = verdicts.filter((verdict) => rank(verdict.status) >= rank('drift'));
  const rows = windows.filter(({ seconds }) => seconds === windows[0]!.seconds);
  const content = html`<h1>${title}</h1>
    <p class="${colour}"><span class="state">${words}</span></p>
    <p>
      ${drifted.length} of ${verdicts.length} have drifted. The training had ${count(training_rows)}
      rows${asked(rows)}.
    </p>
    ${
      drifted.length === 0
        ? undefined
        : html`<ul class="checks">
            ${drifted.map(
              (verdict) =>
                html`<li class="refused">
                  <span class="state">${labelOf(verdict)}</span>
                  <p>${sentence(verdict)}</p>
                </li>`,
            )}
          </ul>`
    }
    <h2>Inputs and answers, the most moved first</h2>
    <p class="key"><span class="candidate">what is asked</span> <span>the training</span></p>
    <ul class="models features">
      ${verdicts.map((verdict, place) => item(verdict, report, place === 0))}
    </ul>
    ${windows.length === 0 ? undefined : windowTable(windows)}
    <p class="links"><a href="quality">Quality</a> <a href="../${model}">The model as JSON</a></p>`;
  return page({ title, root: '../../', ways, content });
}

function asked(windows: readonly WindowView[]): string {
  if (windows.length === 0) return '; nobody has asked this version yet';
  const rows = windows.reduce((sum, window) => sum + window.rows, 0);
  return `; the windows of ${duration(windows[0]!.seconds)} below have ${count(rows)}`;
}

function sentence({ status, found_by, seconds, since }: Verdict): Html {
  const found = found_by === null ? '' : `, found ${FOUND_BY_WORDS[found_by]}`;
  const over = seconds === null ? '' : ` in windows of ${duration(seconds)}`;
  return html`${STATUS_WORDS[status][1]}${found}${over}${since === null ? undefined : html`, since ${moment(since)}`}`;
}

/** A text is compared by its length and by its words. */
function labelOf({ name, kind }: Verdict): string {
  const of = oneLine(name);
  if (kind === 'text_length') return `${of}, length`;
  return kind === 'text_tokens' ? `${of}, words` : of;
}

function item(verdict: Verdict, { windows, bins }: DriftReport, isOpen: boolean): Html {
  const [colour, words] = STATUS_WORDS[verdict.status];
  // What windows have found is shown by those; else the shorter ones say it sooner.
  const seconds = verdict.seconds ?? windows[0]?.seconds;
  const found = windows
    .filter((window) => window.seconds === seconds)
    .map((window) => ({ window, feature: window.features.find(isOf(verdict))! }));
  const shown = found.find(({ window }) => window.rows >= LEAST_ROWS) ?? found[0];
  const figures = found
    .toReversed()
    .flatMap(({ feature: { psi, critical } }) =>
      psi === null || critical === null ? [] : [{ value: psi, limit: critical }],
    );
  return html`<li>
    <details${isOpen ? html` open` : undefined}>
      <summary>
        <b>${labelOf(verdict)}</b>
        <span class="what">${shown && figuresOf(shown.feature)}</span>
        <span class="state ${colour}">${words}</span>
      </summary>
      <div class="more">
        ${
          shown &&
          html`<p class="faint">
              ${shown.window.closed ? 'Window' : 'Open window'} of ${moment(shown.window.from)},
              ${count(shown.window.rows)} rows
            </p>
            ${histogram(namesOf(bins.find(isOf(verdict))!), shown.feature.expected, shown.feature.observed)}`
        }
        ${
          figures.length < 2
            ? undefined
            : html`<p class="faint">
                  Distance from the training, window by window; above the dashed line it is more than chance
                </p>
                ${timeline(figures)}`
        }
      </div>
    </details>
  </li>`;
}

const isOf =
  ({ name, kind }: Verdict) =>
  (each: Pick<Verdict, 'kind' | 'name'>): boolean =>
    each.name === name && each.kind === kind;

function namesOf({ edges, values }: BinsView): string[] {
  if (edges === null) return values!.map(String);
  const shown = edges.map((edge) => String(Number(edge.toPrecision(4))));
  const between = shown.slice(1).map((upper, place) => `${shown[place]} – ${upper}`);
  return shown.length === 0 ? ['any'] : [`≤ ${shown[0]}`, ...between, `> ${shown.at(-1)}`];
}

function figuresOf({ psi, js_distance, missing, unseen }: FeatureView): string {
  const parts = [
    psi === null ? undefined : `PSI ${psi.toFixed(3)}`,
    js_distance === null ? undefined : `JS ${js_distance.toFixed(3)}`,
    missing === null || missing === 0 ? undefined : `${percent(missing)} missing`,
    unseen === null || unseen === 0 ? undefined : `${percent(unseen)} unseen`,
  ];
  return parts.filter((part) => part !== undefined).join(', ');
}

function windowTable(windows: readonly WindowView[]): Html {
  return html`<h2>Windows</h2>
    <table>
      <tr>
        <th>From</th>
        <th>For</th>
        <th>Rows</th>
        <th>Status</th>
      </tr>
      ${windows.map(
        ({ from, seconds, rows, closed, status }) =>
          html`<tr>
            <td>${moment(from)}</td>
            <td>${duration(seconds)}${closed ? '' : ', open'}</td>
            <td>${count(rows)}</td>
            <td class="${STATUS_WORDS[status][0]}">
              <span class="state">${STATUS_WORDS[status][1]}</span>
            </td>
          </tr>`,
      )}
    </table>`;
}

function duration(seconds: number): string {
  if (seconds % 3_600 === 0) return `${seconds / 3_600} h`;
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}

const count = (rows: number): string => rows.toLocaleString('en');
