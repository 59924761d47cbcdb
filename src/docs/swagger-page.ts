import { CHOICE, READ_DOCUMENT } from './chosen-model.js';
import { Html, html } from '../pages/html.js';
import { bar, DOCS_WAYS, head } from '../pages/page.js';

/** Its own bar, with its maker's logo, is hidden but still sets its dark mode; one server is nothing to choose from.
 * Its white on bright green is hard to read. */
const LOOK = `
.swagger-ui .topbar, .swagger-ui .scheme-container:not(:has(.authorize)) { display: none; }
body, html.dark-mode, .swagger-ui, html.dark-mode .swagger-ui { background: var(--back) !important; }
.swagger-ui .wrapper { max-width: 72rem; padding: 0 1rem; }
.swagger-ui .info { margin: 1.5rem 0 .5rem; }
.swagger-ui .info .title { font-size: 1.75rem; }
.swagger-ui .info .title small { top: -.35em; }
.swagger-ui .info code, html.dark-mode .swagger-ui .info code { background: var(--code); color: var(--ink); }
.swagger-ui .info a, html.dark-mode .swagger-ui .info a { color: var(--accent); }
.swagger-ui .opblock-tag, html.dark-mode .swagger-ui .opblock-tag { font-size: 1.25rem; border-color: var(--line); }
.swagger-ui .opblock-tag { flex-wrap: wrap; margin: 0; padding: .45rem .6rem; }
.swagger-ui .opblock-tag small { font-size: .9375rem; }
.swagger-ui .filter .operation-filter-input { width: 100%; margin: .5rem 0; padding: .5rem .8rem; color: var(--ink);
  background: var(--back); border: 1px solid var(--line); border-radius: .5rem; }
.swagger-ui .filter .operation-filter-input:focus { outline: 2px solid var(--accent); }
.swagger-ui .examples__title, .swagger-ui .examples-select__section-label { color: inherit !important; }
.swagger-ui .headers td.header-col { color: inherit; }
.swagger-ui .opblock-summary-path { overflow-wrap: anywhere; }
.swagger-ui .responses-table .response-col_links { display: none; }
html:not(.dark-mode) .swagger-ui .opblock-get .opblock-summary-method { background: #1d63b8; }
html:not(.dark-mode) .swagger-ui .opblock-post .opblock-summary-method { background: var(--ready); }
html:not(.dark-mode) .swagger-ui .opblock-put .opblock-summary-method { background: var(--loading); }
html:not(.dark-mode) .swagger-ui .opblock-delete .opblock-summary-method { background: var(--refused); }
html:not(.dark-mode) .swagger-ui .info .title small.version-stamp { background: var(--ready); }
html:not(.dark-mode) .swagger-ui .btn.execute { background: #1d63b8; border-color: #1d63b8; }
html:not(.dark-mode) .swagger-ui .btn.cancel { color: var(--refused); border-color: var(--refused); }
@media (max-width: 40rem) {
  .swagger-ui .opblock-tag a { flex: 1; }
  .swagger-ui .opblock-tag small { flex-basis: 100%; order: 1; padding: 0; }
  .swagger-ui .opblock .opblock-summary-method { min-width: 3.75rem; padding: .4rem 0; font-size: .75rem; }
  .swagger-ui .filter .operation-filter-input { max-width: none; }
  .swagger-ui table { display: block; overflow-x: auto; }
  .swagger-ui .responses-inner { padding: 1rem; }
  .swagger-ui .responses-table > thead, .swagger-ui table.headers > thead { display: none; }
  .swagger-ui .responses-table > tbody > tr > td, .swagger-ui table.headers td { display: block; padding: .25rem 0 0; }
  .swagger-ui table.headers tr { display: block; margin-top: .5rem; }
  .swagger-ui .responses-table .response-col_status { padding-top: 1rem; font-weight: 700; }
  .swagger-ui .response-controls { flex-wrap: wrap; gap: .5rem; }
  .swagger-ui .examples-select select { max-width: 100%; text-overflow: ellipsis; }
}
`;

/** The page of Swagger UI as Nest writes it, under Nestor's bar and for screens of every width. */
export function swaggerPage(written: string): string {
  return written
    .replace(/<title>[^]*<\/title>/, () => head('Nestor: try it', './').text)
    .replaceAll(/<link rel="icon" type="image\/png"[^>]*>/g, '')
    .replace('<body>', () => `<body>${bar('./', DOCS_WAYS, 'docs').text}${CHOICE}`)
    .replace('</body>', () => `<style>${LOOK}</style></body>`);
}

/** It is given the document as objects: what it fetches itself it reads as YAML, which takes longer. */
export const SWAGGER_START = `${READ_DOCUMENT}
window.onload = async () => {
  window.ui = SwaggerUIBundle({
    spec: await readDocument(),
    dom_id: '#swagger-ui',
    presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
    layout: 'StandaloneLayout',
    validatorUrl: null,
    displayRequestDuration: true,
    docExpansion: 'none',
    // Where a model has been chosen, few groups are left.
    filter: document.getElementById('choice').hidden,
    deepLinking: true,
    defaultModelsExpandDepth: -1,
  });
};
`;

/** The page of the DEEPaaS API, by the same Swagger UI, under Nestor's bar. */
export function deepaasPage(): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        ${head('Nestor: DEEPaaS API', './')}
        <link rel="stylesheet" href="./docs/swagger-ui.css" />
        ${new Html(`<style>${LOOK}</style>`)}
      </head>
      <body>
        ${bar('./', DOCS_WAYS)}
        <div id="swagger-ui"></div>
        <script src="./docs/swagger-ui-bundle.js"></script>
        <script src="./docs/swagger-ui-standalone-preset.js"></script>
        <script src="./ui/start.js"></script>
      </body>
    </html> `.text;
}

/** The document says no prefix, as it knows none that a proxy may have cut off; the browser does. */
export const DEEPAAS_START = `
window.onload = async () => {
  const spec = await (await fetch('swagger.json')).json();
  spec.basePath = new URL('.', location.href).pathname;
  window.ui = SwaggerUIBundle({
    spec,
    dom_id: '#swagger-ui',
    presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
    layout: 'StandaloneLayout',
    validatorUrl: null,
    displayRequestDuration: true,
    // More than a page of them would take seconds to draw.
    docExpansion: Object.keys(spec.paths).length > 100 ? 'none' : 'list',
    deepLinking: true,
    defaultModelsExpandDepth: -1,
  });
};
`;
