import { CHOICE, READ_DOCUMENT } from './chosen-model.js';
import { bar, DOCS_WAYS, head } from '../pages/page.js';

export const REDOC_PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    ${head('Nestor: reference', './').text}
    <style>
      #redoc a[href*="redocly.com"] { display: none; }
      #redoc .redoc-json code { white-space: pre-wrap; overflow-wrap: anywhere; }
      @media (prefers-color-scheme: dark) {
        #redoc .react-tabs__tab--selected { background: #18201f; }
        #redoc h5, #redoc h5 span { color: var(--faint); border-color: var(--line); }
        #redoc td { border-color: var(--line); }
        /* The pattern behind a type, whose colour no theme sets. */
        #redoc td div > span:nth-child(3) { color: #5eead4; }
      }
    </style>
  </head>
  <body>
    ${bar('./', DOCS_WAYS, 'redoc').text}
    ${CHOICE}
    <div id="redoc"></div>
    <script src="redoc/redoc.standalone.js"></script>
    <script type="module" src="redoc/start.js"></script>
  </body>
</html>
`;

/** Its colours are computed from these once, so a change between light and dark loads the page anew. */
export const REDOC_START = `${READ_DOCUMENT}
const dark = matchMedia('(prefers-color-scheme: dark)');
const font = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";
const mono = "ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace";
const colors = dark.matches
  ? {
      primary: { main: '#5eead4' },
      text: { primary: '#e3eae9', secondary: '#9aaaa7' },
      border: { dark: '#3c4a48', light: '#2b3735' },
      success: { main: '#4ade80' },
      error: { main: '#fca5a5' },
      gray: { 50: '#18201f', 100: '#2b3735' },
      responses: {
        success: { color: '#4ade80', backgroundColor: '#14251b', tabTextColor: '#4ade80' },
        redirect: { color: '#facc15', backgroundColor: '#262211', tabTextColor: '#facc15' },
        error: { color: '#fca5a5', backgroundColor: '#2b1a1a', tabTextColor: '#fca5a5' },
      },
    }
  : { primary: { main: '#0f766e' }, text: { primary: '#17201f', secondary: '#5a6866' } };
const theme = {
  spacing: { sectionVertical: 24 },
  colors,
  typography: {
    fontFamily: font,
    headings: { fontFamily: font, fontWeight: '600' },
    code: dark.matches
      ? { fontFamily: mono, color: '#e3eae9', backgroundColor: '#1d2725' }
      : { fontFamily: mono, color: '#17201f', backgroundColor: '#eef3f2' },
  },
  sidebar: dark.matches
    ? { backgroundColor: '#18201f', textColor: '#e3eae9', activeTextColor: '#5eead4' }
    : { backgroundColor: '#f6f8f8', textColor: '#17201f', activeTextColor: '#0f766e' },
  fab: { backgroundColor: dark.matches ? '#18201f' : '#eef3f2', color: dark.matches ? '#5eead4' : '#0f766e' },
  rightPanel: dark.matches
    ? {
        backgroundColor: '#0b100f',
        servers: { overlay: { backgroundColor: '#18201f', textColor: '#e3eae9' }, url: { backgroundColor: '#111716' } },
      }
    : { backgroundColor: '#1d2827' },
  schema: dark.matches ? { nestedBackground: '#18201f', linesColor: '#3c4a48' } : {},
};
dark.addEventListener('change', () => location.reload());
const downloadUrls = [{ title: 'Download', url: 'openapi.json' }];
const api = await readDocument();
// It would look for what stands beside the document below its own page.
api.servers = [{ url: new URL('.', location).href.slice(0, -1) }];
Redoc.init(api, { theme, downloadUrls }, document.getElementById('redoc'));
`;
