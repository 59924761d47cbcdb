import { type Html, html } from '../../pages/html.js';
import { page, type Ways } from '../../pages/page.js';
import { type GateCheck, type GatePictures, signed, spaced, type Verdict } from '../../training/gate.js';
import type { KeptReport } from '../../training/gatekeeper.js';
import { calibrationPicture, differencesPicture, rocPicture } from './gate-pictures.js';

/** A verdict in words, and the colour of its state. */
const VERDICT_WORDS: Readonly<Record<Verdict, readonly [colour: string, words: string]>> = {
  passed: ['ready', 'passed'],
  needs_approval: ['loading', 'needs a person’s approval'],
  failed: ['refused', 'failed'],
};
const SHOWN_SLICES = 30;

/** A report of the gate as a page. */
export function gatePage(report: KeptReport, ways: Ways): string {
  const { model, candidate, champion, verdict, metric, holdout, checks, pictures, job, created } = report;
  const [colour, words] = VERDICT_WORDS[verdict];
  const title = `${model}: version ${candidate.version} beside ${champion.version}`;
  const content = html`<h1>${title}</h1>
    <p class="${colour}"><span class="state">The gate: ${words}</span></p>
    <p>
      ${spaced(metric.name)} ${figure(metric.candidate)}, the champion’s ${figure(metric.champion)}: a gain of
      ${signed(metric.gain)}${metric.name === 'accuracy' ? undefined : ' in shares of the champion’s error'},
      on ${holdout.rows.toLocaleString('en')}
      ${holdout.of === 'labelled' ? 'of the newest labelled rows' : `rows that the ${holdout.of}’s training has held out`}.
    </p>
    <h2>Checks</h2>
    <ul class="checks">
      ${checks.map(checkItem)}
    </ul>
    ${drawn(pictures)}
    <p class="faint">
      sha256 ${candidate.sha256.slice(0, 12)} beside ${champion.sha256.slice(0, 12)}; job ${job};
      ${new Date(created).toISOString()}
    </p>`;
  return page({ title, root: '../../../../', ways, content });
}

function checkItem({ name, figure: found, limit, passed, reason }: GateCheck): Html {
  const colour = passed ? 'ready' : name === 'enough_rows' ? 'loading' : 'refused';
  const bound = limit === null ? '' : `, limit ${figure(limit)}`;
  return html`<li class="${colour}">
    <span class="state">${spaced(name)}</span>
    <span class="faint">${found === null ? undefined : `${figure(found)}${bound}`}</span>
    <p>${reason}</p>
  </li>`;
}

function drawn({ differences = [], roc, calibration, slices = [] }: GatePictures): Html {
  return html`${
    differences.length === 0
      ? undefined
      : html`<h2>Gains, with what 95 % of resamples say</h2>
          ${differencesPicture(differences)}`
  }
  ${
    roc === undefined && calibration === undefined
      ? undefined
      : html`<h2>Both versions</h2>
          <p class="key"><span class="candidate">this version</span> <span>the champion</span></p>
          <div class="pair">
            ${
              roc &&
              html`<figure>
                ${rocPicture(roc)}
                <figcaption>ROC</figcaption>
              </figure>`
            }
            ${
              calibration &&
              html`<figure>
                ${calibrationPicture(calibration)}
                <figcaption>Calibration</figcaption>
              </figure>`
            }
          </div>`
  }
  ${
    slices.length === 0
      ? undefined
      : html`<h2>Parts of the rows, the least gain first</h2>
          <table>
            <tr>
              <th>Part</th>
              <th>Rows</th>
              <th>This version</th>
              <th>The champion</th>
              <th>Gain</th>
            </tr>
            ${slices.slice(0, SHOWN_SLICES).map(
              (slice) =>
                html`<tr>
                  <td>${slice.name}</td>
                  <td>${slice.rows.toLocaleString('en')}</td>
                  <td>${figure(slice.candidate)}</td>
                  <td>${figure(slice.champion)}</td>
                  <td>${signed(slice.difference)}</td>
                </tr>`,
            )}
          </table>
          ${
            slices.length > SHOWN_SLICES
              ? html`<p class="faint">and ${slices.length - SHOWN_SLICES} more</p>`
              : undefined
          }`
  }`;
}

function figure(value: number | null): string {
  return value === null ? '' : String(Number(value.toPrecision(4)));
}
