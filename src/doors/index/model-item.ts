import type { Manifest } from '../../artifacts/manifest.js';
import type { ModelState } from '../../models/model-registry.js';
import type { ModelVersion } from '../../models/model-version.js';
import type { RunPlace } from '../../models/run-place.js';
import { Html, html } from '../../pages/html.js';
import { oneLine } from '../../pages/one-line.js';
import { modelSummary } from '../admin/model-view.js';
import { curlLine } from './curl-line.js';

/** Of long lists so many are named. */
const NAMED = 12;

/** Stands in a command where it names the server. An artifact cannot say it: what it says is escaped. */
export const SERVER = new Html('<span></span>');

/** A model in the list: a line that says what it is and how it is, and behind it how to ask it. */
export function modelItem(
  model: ModelState,
  isOpen: boolean,
  hasDocs: boolean,
  hasPredictions: boolean,
): Html {
  const { name, version, state, description } = modelSummary(model);
  const why = faultOf(model);
  return html`<li id="model-${name}"><details${isOpen ? html` open` : undefined}>
    <summary><b>${name}</b>
      <span class="what"><bdi>${description}</bdi></span>
      <span class="state ${state}">${state}${version === '' ? '' : `, version ${version}`}</span>
      ${why === undefined ? undefined : html`<span class="why"><bdi>${oneLine(why)}</bdi></span>`}
    </summary>
    <div class="more">${more(model, hasDocs, hasPredictions)}</div>
  </details></li>`;
}

/** What is wrong with a model, or with its newest version that has a fault. */
function faultOf({ reason, versions }: ModelState): string | undefined {
  if (reason !== undefined) return reason;
  const faulty = versions.findLast((each) => each.reason !== undefined);
  return faulty && `version ${faulty.version}: ${faulty.reason}`;
}

function more(
  { name, versions, reason, champion }: ModelState,
  hasDocs: boolean,
  hasPredictions: boolean,
): Html {
  const states = versions
    .slice(-NAMED)
    .toReversed()
    .map(
      ({ version, phase, reason: why }) =>
        html`<div>
          <a href="models/${name}/versions/${version}">${version}</a>
          <span class="state ${phase}">${phase}</span
          >${why === undefined ? undefined : html`: <bdi>${why.slice(0, 2_000)}</bdi>`}
        </div>`,
    );
  return html`<dl>
      ${champion && facts(champion)}
      <dt>Versions</dt>
      <dd>
        ${states}${rest(versions)}${reason === undefined ? undefined : html`<bdi>${reason.slice(0, 2_000)}</bdi>`}
      </dd>
    </dl>
    ${champion && howToAsk(champion, hasDocs, hasPredictions)}`;
}

function facts({ manifest, place }: ModelVersion): Html {
  const { inputs } = manifest;
  const names = inputs.slice(0, NAMED).map(({ name }) => html`<code>${name}</code> `);
  return html`<dt>Answers</dt>
    <dd>${answers(manifest)}</dd>
    <dt>${inputs.length === 1 ? 'Input' : `${inputs.length} inputs`}</dt>
    <dd>${names}${rest(inputs)}</dd>
    ${runs(place)}`;
}

/** Only where it is not the server: there all models run that are quick. */
function runs(place: RunPlace): Html | undefined {
  if (place.runs_in === 'server') return undefined;
  const processes = place.processes === 1 ? 'a process' : `${place.processes} processes`;
  return html`<dt>Runs</dt>
    <dd>in ${processes} of its own, as a row takes ${place.ms_per_row} ms</dd>`;
}

function answers({ classes, targets }: Manifest): Html | string {
  if (targets !== undefined) return listed(targets.map(({ name }) => name));
  return classes ? listed(classes.map(({ label }) => label)) : 'a number';
}

function listed(names: readonly string[]): Html {
  const shown = names
    .slice(0, NAMED)
    .map((name, index) => html`${index === 0 ? '' : ', '}<bdi>${oneLine(name)}</bdi>`);
  return html`${shown}${rest(names)}`;
}

const rest = (list: readonly unknown[]): string =>
  list.length > NAMED ? ` and ${list.length - NAMED} more` : '';

function howToAsk(champion: ModelVersion, hasDocs: boolean, hasPredictions: boolean): Html {
  const { model, version } = champion.manifest;
  const { hasCard, plots } = champion.documents;
  const folder = `models/${model}/versions/${version}`;
  const curl = hasPredictions ? curlLine(champion) : undefined;
  return html`${
      curl === undefined
        ? undefined
        : html`<div class="curl">
            <pre><code>curl '${SERVER}${curl}</code></pre>
          </div>`
    }
    <ul class="links">
      ${hasCard ? html`<li><a href="${folder}/card">Model card</a></li>` : undefined}
      ${hasDocs ? html`<li><a href="docs?model=${model}#/${model}">Try it</a></li>` : undefined}
      <li><a href="models/${model}">As JSON</a></li>
    </ul>
    <div class="plots">
      ${plots
        .slice(0, NAMED)
        .map(
          (name) =>
            html`<a href="${folder}/plots/${name}"
              ><img
                loading="lazy"
                src="${folder}/plots/${name}"
                alt="${name.replace(/\.svg$/, '').replaceAll('_', ' ')}"
            /></a>`,
        )}
    </div>`;
}
