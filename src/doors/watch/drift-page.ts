import { type Html, html } from '../../pages/html.js';
import { moment } from '../../pages/moment.js';
import { page } from '../../pages/page.js';
import type { DriftStatus } from '../../watch/drift-status.js';
import { histogram, percent, timeline } from './watch-pictures.js';

/** A status in words, and the colour of its state. */
const STATUS_WORDS: Readonly<Record<DriftStatus, readonly [colour: string, words: string]>> = {
  severe: ['refused', 'severe drift'],
  drift: ['refused', 'drift'],
  warning: ['loading', 'has moved a little'],
  ok: ['ready', 'as trained'],
  insufficient_data: ['faint', 'too few rows to say'],
};

const FOUND_BY_WORDS = {
  windows: 'by its windows',
  missing_or_unseen: 'by its missing or unseen values',
  detector: 'row by row, before a window was full',
} as const;

export interface FeatureView {
  readonly name: string;
  readonly status: DriftStatus;
  readonly psi: number | null;
  readonly psi_excess: number | null;
  readonly critical: number | null;
  readonly js_distance: number | null;
  readonly missing: number;
  readonly unseen: number;
  readonly expected: readonly number[];
  readonly observed: readonly number[];
}

export interface WindowView {
  readonly from: string;
  readonly to: string;
  readonly seconds: number;
  readonly rows: number;
  readonly is_open: boolean;
  readonly status: DriftStatus;
  readonly features: readonly FeatureView[];
}

export interface InputVerdict {
  readonly name: string;
  readonly status: DriftStatus;
  readonly found_by: keyof typeof FOUND_BY_WORDS | null;
  readonly since: string | null;
  readonly bins: readonly string[];
}

export interface DriftView {
  readonly model: string;
  readonly version: string;
  readonly status: DriftStatus;
  readonly baseline_rows: number;
  readonly inputs: readonly InputVerdict[];
  readonly windows: readonly WindowView[];
}

/** What is asked beside what was trained, as a page: the inputs that have moved first. */
export function driftPage(view: DriftView, hasDocs: boolean): string {
  const { model, version, status, inputs, windows } = view;
  const [colour, words] = STATUS_WORDS[status];
  const title = `${model}, version ${version}: drift`;
  const shown = windows.findLast(({ rows }) => rows > 0);
  const moved = inputs.filter(({ status: each }) => isAlarm(each));
  const content = html`<h1>${title}</h1>
    <p class="${colour}"><span class="state">${words}</span></p>
    ${shown === undefined ? nothingYet() : sums(view, shown)}
    ${
      moved.length === 0
        ? undefined
        : html`<ul class="checks">
            ${moved.map(
              (input) =>
                html`<li class="refused">
                  <span class="state">${input.name}</span>
                  <p>${sentence(input)}</p>
                </li>`,
            )}
          </ul>`
    }
    ${
      shown === undefined
        ? undefined
        : html`<h2>Inputs, answers and scores, the most moved first</h2>
            <p class="key"><span class="candidate">this window</span> <span>the training</span></p>
            <ul class="models features">
              ${inputs.map((input, place) => item(input, windows, shown, place === 0))}
            </ul>
            <h2>Windows</h2>
            ${windowTable(windows)}`
    }
    <p class="links"><a href="quality">Quality</a> <a href="../${model}">The model as JSON</a></p>`;
  return page({ title, root: '../../', hasDocs, content });
}

const isAlarm = (status: DriftStatus): boolean => status === 'drift' || status === 'severe';

const nothingYet = (): Html =>
  html`<p>Nobody has asked this version yet, so there is nothing to compare with its training.</p>`;

function sums({ baseline_rows, inputs }: DriftView, { from, to, rows, is_open }: WindowView): Html {
  const moved = inputs.filter(({ status }) => isAlarm(status)).length;
  return html`<p>
    ${is_open ? 'The open window' : 'The last window'}, ${moment(from)} to ${moment(to)}, has
    ${rows.toLocaleString('en')} rows; the training had ${baseline_rows.toLocaleString('en')}.
    ${moved === 0 ? 'Nothing has drifted.' : `${moved} of ${inputs.length} have drifted.`}
  </p>`;
}

function sentence({ status, found_by, since }: InputVerdict): Html {
  const found = found_by === null ? '' : `, found ${FOUND_BY_WORDS[found_by]}`;
  return html`${STATUS_WORDS[status][1]}${found}${since === null ? undefined : html`, since ${moment(since)}`}`;
}

function item(input: InputVerdict, windows: readonly WindowView[], shown: WindowView, isOpen: boolean): Html {
  const [colour] = STATUS_WORDS[input.status];
  const of = (window: WindowView): FeatureView | undefined =>
    window.features.find(({ name }) => name === input.name);
  const feature = of(shown);
  const figures = windows.flatMap((window) => {
    const { psi, critical } = of(window) ?? { psi: null, critical: null };
    return psi === null || critical === null ? [] : [{ value: psi, limit: critical }];
  });
  return html`<li>
    <details${isOpen ? html` open` : undefined}>
      <summary>
        <b>${input.name}</b>
        <span class="what">${feature === undefined ? '' : figuresOf(feature)}</span>
        <span class="state ${colour}">${STATUS_WORDS[input.status][1]}</span>
      </summary>
      <div class="more">
        ${feature && histogram(input.bins, feature.expected, feature.observed)}
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

function figuresOf({ psi, js_distance, missing, unseen }: FeatureView): string {
  const parts = [
    psi === null ? undefined : `PSI ${psi.toFixed(3)}`,
    js_distance === null ? undefined : `JS ${js_distance.toFixed(3)}`,
    missing > 0 ? `${percent(missing)} missing` : undefined,
    unseen > 0 ? `${percent(unseen)} unseen` : undefined,
  ];
  return parts.filter((part) => part !== undefined).join(', ');
}

function windowTable(windows: readonly WindowView[]): Html {
  return html`<table>
    <tr>
      <th>From</th>
      <th>For</th>
      <th>Rows</th>
      <th>Status</th>
    </tr>
    ${windows.toReversed().map(
      ({ from, seconds, rows, is_open, status }) =>
        html`<tr>
          <td>${moment(from)}</td>
          <td>${is_open ? 'until now' : duration(seconds)}</td>
          <td>${rows.toLocaleString('en')}</td>
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
