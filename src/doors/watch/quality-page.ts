import { type Html, html } from '../../pages/html.js';
import { moment } from '../../pages/moment.js';
import { page, type Ways } from '../../pages/page.js';
import { squarePicture } from '../../pages/square-picture.js';
import { spaced } from '../../training/gate.js';
import type { EstimatedQuality } from '../../watch/estimated-quality.js';
import type { CalibrationBin, Figure, SliceQuality } from '../../watch/measured-quality.js';
import type { MeasuredView, QualityView } from './quality-view.js';
import { percent } from './watch-pictures.js';

/** More classes make no table that anybody reads. */
const SHOWN_CLASSES = 12;
/** The page shows so many of the worst slices; JSON has more. */
const SHOWN_SLICES = 12;

/** How right a version is where the truth has come, and how right it should be where it has not. */
export function qualityPage(view: QualityView, ways: Ways): string {
  const { model, version, measured, estimated } = view;
  const title = `${model}, version ${version}: quality`;
  const content = html`<h1>${title}</h1>
    ${measured === null ? noLabels() : measuredPart(view, measured)}
    ${estimated === null ? undefined : estimatedPart(estimated)}
    <p class="links"><a href="drift">Drift</a> <a href="../${model}">The model as JSON</a></p>`;
  return page({ title, root: '../../', ways, content });
}

const noLabels = (): Html =>
  html`<h2>Measured</h2>
    <p>
      Nothing yet: nobody has told what came true. Labels are sent to <code>POST /feedback</code>, or as a
      table by <code>npx nestor feedback labels.csv</code>.
    </p>`;

function measuredPart({ holdout, classes }: QualityView, measured: MeasuredView): Html {
  const { rows, metric, errors, confusion, calibration, slices } = measured;
  const isMore = errors.status === 'more_errors';
  return html`<h2>Measured</h2>
    <p class="${isMore ? 'refused' : 'ready'}">
      <span class="state">${spaced(metric.name)} ${figureText(metric)}</span>
    </p>
    <p>
      On the newest ${rows.toLocaleString('en')} predictions whose truth has come.
      ${holdout === null ? undefined : `The training's own hold-out had ${short(holdout.value)} on ${holdout.rows.toLocaleString('en')} rows.`}
      ${
        errors.since === null
          ? undefined
          : html`There are more errors than that since the labels of ${moment(errors.since)}.`
      }
    </p>
    ${
      confusion !== null && classes !== null && classes.length <= SHOWN_CLASSES
        ? confusionTable(classes, confusion)
        : undefined
    }
    ${calibration === null || classes === null ? undefined : calibrationPart(classes.at(-1)!, calibration)}
    ${slices.length === 0 ? undefined : sliceTable(slices, metric)}`;
}

function confusionTable(classes: readonly string[], confusion: readonly (readonly number[])[]): Html {
  return html`<h2>What was answered, by what came true</h2>
    <table>
      <tr>
        <th>True</th>
        ${classes.map((label) => html`<th><bdi>${label}</bdi></th>`)}
        <th>Right</th>
      </tr>
      ${confusion.map((row, truth) => {
        const rows = row.reduce((sum, count) => sum + count, 0);
        return html`<tr>
          <td><bdi>${classes[truth]}</bdi></td>
          ${row.map((count, predicted) =>
            predicted === truth
              ? html`<td><b>${count.toLocaleString('en')}</b></td>`
              : html`<td>${count.toLocaleString('en')}</td>`,
          )}
          <td>${rows === 0 ? '' : percent(row[truth]! / rows)}</td>
        </tr>`;
      })}
    </table>`;
}

function calibrationPart(label: string, bins: readonly CalibrationBin[]): Html {
  const points = bins.map(({ predicted, observed }) => [predicted, observed] as const);
  return html`<h2>Calibration</h2>
    <p>
      Where “<bdi>${label}</bdi>” was given a probability, and how often it came true; the diagonal is what it
      should be.
    </p>
    <div class="pair">
      <figure>
        ${squarePicture('Predicted', 'Observed', [{ points, colour: 'var(--accent)', hasDots: true }])}
      </figure>
    </div>`;
}

function sliceTable(slices: readonly SliceQuality[], { name }: Figure): Html {
  return html`<h2>Parts of the rows, the worst first</h2>
    <table>
      <tr>
        <th>Part</th>
        <th>Rows</th>
        <th>${spaced(name)}</th>
      </tr>
      ${slices.slice(0, SHOWN_SLICES).map(
        (slice) =>
          html`<tr>
            <td><bdi>${slice.name}</bdi></td>
            <td>${slice.rows.toLocaleString('en')}</td>
            <td>${short(slice.value)}</td>
          </tr>`,
      )}
    </table>`;
}

function estimatedPart({ rows, metric }: EstimatedQuality): Html {
  return html`<h2>Estimated, without labels</h2>
    <p>${spaced(metric.name)} ${figureText(metric)}, on ${rows.toLocaleString('en')} rows.</p>
    <p class="faint">
      This is what the probabilities promise. It sees when inputs move to where the model is less sure; it
      cannot see that the same inputs mean something else today.
    </p>`;
}

const figureText = ({ value, low, high }: Figure): string =>
  `${short(value)} (${short(low)} to ${short(high)})`;

const short = (value: number): string => String(Number(value.toPrecision(3)));
