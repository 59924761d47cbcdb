import { type Guide, guides } from '../../docs/guides.js';
import type { ModelState } from '../../models/model-registry.js';
import { type Html, html } from '../../pages/html.js';
import { page, policy, type Ways } from '../../pages/page.js';
import { modelSummary } from '../admin/model-view.js';
import { modelItem, SERVER } from './model-item.js';

/** Of the models that do not answer so many are named above the list. */
const NAMED = 5;
/** More than a screen has room for: a line for each, and no more. */
const MANY = 12;

/**
 * The browser alone knows the whole address: a proxy may have cut a prefix off the path, and taken TLS off the
 * connection. Without the script the commands name the host that was asked, and are copied by hand; and a long list is
 * searched as any page is. A block, as it may run more than once in a page that is put in the place of others.
 */
export const INDEX_SCRIPT = `{
const here = new URL('.', location.href).href.replace(/[/]$/, '').replaceAll("'", '%27');
for (const line of document.querySelectorAll('.curl')) {
  const command = line.querySelector('code');
  command.querySelector('span').textContent = here;
  if (!navigator.clipboard) continue;
  const button = document.createElement('button');
  button.textContent = 'Copy';
  button.onclick = async () => {
    await navigator.clipboard.writeText(command.textContent);
    button.textContent = 'Copied';
  };
  line.append(button);
}
const list = document.querySelector('.compact');
if (list) {
  const box = document.createElement('input');
  box.type = 'search';
  box.placeholder = 'Find a model';
  box.ariaLabel = 'Find a model by its name, or by what it predicts';
  box.oninput = () => {
    const sought = box.value.trim().toLowerCase();
    for (const item of list.children)
      item.hidden = !item.querySelector('summary').textContent.toLowerCase().includes(sought);
  };
  list.before(box);
}
}`;

export const INDEX_POLICY = policy([INDEX_SCRIPT]);

/**
 * What is served here, and the ways to all the rest; the same for every caller but for the server's name. Where no
 * predictions are answered, there are no commands that ask for them.
 */
export function indexPage(models: readonly ModelState[], ways: Ways, hasPredictions: boolean): string {
  const areMany = models.length > MANY;
  // One shows what is behind the others.
  const open = areMany ? undefined : models.find(({ champion }) => champion !== undefined);
  const items = models.map((model) => modelItem(model, model === open, ways.docs, hasPredictions));
  const content = html`<h1>Models</h1>
    ${sums(models)}
    ${
      items.length === 0
        ? undefined
        : html`<ul class="models${areMany ? ' compact' : ''}">
            ${items}
          </ul>`
    }
    ${ways.docs ? guideList(guides()) : undefined}
    <h2>This server</h2>
    <ul class="links">
      <li><a href="models">Models as JSON</a></li>
      ${
        ways.operation
          ? html`<li><a href="health">Health</a></li>
              <li><a href="metrics">Metrics</a></li>`
          : undefined
      }
      ${ways.docs ? html`<li><a href="openapi.json">OpenAPI document</a></li>` : undefined}
    </ul>`;
  return page({ title: 'Nestor', root: './', ways, path: '', content, script: INDEX_SCRIPT });
}

/** The page as a caller gets it; `url` is the address of this server as he writes it. */
export const pageFor = (url: string, made: string): string =>
  made.replaceAll(SERVER.text, () => html`<span>${url}</span>`.text);

function sums(models: readonly ModelState[]): Html {
  if (models.length === 0)
    return html`<p>
      There is none yet. A folder that the Python package has exported is served when it lies in the artifact
      folder, or is sent by <code>npx nestor push</code>.
    </p>`;
  const away = models.filter((model) => modelSummary(model).state !== 'ready');
  const count = models.length === 1 ? '1 model' : `${models.length} models`;
  if (away.length === 0)
    return html`<p class="faint">${count}, ${models.length === 1 ? 'ready' : 'all ready'}</p>`;
  const named = away
    .slice(0, NAMED)
    .map(
      (model, index) =>
        html`${index === 0 ? '' : ', '}<a href="#model-${model.name}">${model.name}</a>
          (${modelSummary(model).state})`,
    );
  const others = away.length > NAMED ? ` and ${away.length - NAMED} more` : '';
  return html`<p class="faint">
    ${count}, ${models.length - away.length} ready; not ready: ${named}${others}
  </p>`;
}

function guideList(found: readonly Guide[]): Html | undefined {
  if (found.length === 0) return undefined;
  const items = found.map(
    ({ name, title, about }) =>
      html`<tr>
        <td><a href="guides/${name}">${title}</a></td>
        <td>${about}</td>
      </tr>`,
  );
  return html`<h2 id="guides">Guides</h2>
    <table>
      <tbody>
        ${items}
      </tbody>
    </table>`;
}
