import { createHash } from 'node:crypto';
import { VERSION } from '../config/version.js';
import { Html, html } from './html.js';
import { MARK } from './mark.js';
import { STYLE } from './style.js';

/** What is answered at the port where a page is: it has no links to what is elsewhere. */
export interface Ways {
  readonly docs: boolean;
  /** Health and metrics. */
  readonly operation: boolean;
}

/** Of the pages of the documentation, which stand where health does. */
export const DOCS_WAYS: Ways = { docs: true, operation: true };

interface Page {
  readonly title: string;
  /** The way from this page to the root: a proxy may have cut a prefix off the path, so links are relative. */
  readonly root: string;
  readonly ways: Ways;
  /** Seen from the root, where the bar has a link to it. */
  readonly path?: string;
  readonly content: Html;
  readonly script?: string;
  /** Of running text: narrower. */
  readonly isText?: boolean;
}

/** What every page has in its head. */
export const head = (title: string, root: string): Html =>
  html`<meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${title}</title>
    <link rel="icon" type="image/svg+xml" href="${root}favicon.svg" />
    ${new Html(`<style>${STYLE}</style>`)}`;

/** The bar above every page: whose it is, and the ways to the others; `here` is the path of the page itself. */
export function bar(root: string, ways: Ways, here?: string): Html {
  const docs = { docs: 'Try it', redoc: 'Reference', 'openapi.json': 'OpenAPI', '#guides': 'Guides' };
  const health = { health: 'Health' };
  const links = Object.entries({ '': 'Models', ...(ways.docs && docs), ...(ways.operation && health) }).map(
    ([path, text]) =>
      path === here
        ? html`<a href="${root}${path}" aria-current="page">${text}</a> `
        : html`<a href="${root}${path}">${text}</a> `,
  );
  return html`<nav class="bar" aria-label="Nestor">
    <a class="name" href="${root}">${new Html(MARK)} Nestor <small>${VERSION}</small></a>
    ${links}
  </nav>`;
}

/** A whole page of Nestor's own. */
export function page({ title, root, ways, path, content, script, isText }: Page): string {
  const main = new Html(`<main class="page${isText ? ' text' : ''}">`);
  const { text } = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        ${head(title, root)}
      </head>
      <body>
        ${bar(root, ways, path)} ${main}${content}${new Html('</main>')}
        ${script === undefined ? undefined : new Html(`<script>${script}</script>`)}
      </body>
    </html> `;
  return text;
}

/**
 * Nothing is loaded but pictures of this server; the stylesheet, and scripts if there are any, are known by their digest.
 * @param fetches a script fetches from this server, pictures too
 */
export function policy(scripts: readonly string[] = [], { fetches = false } = {}): string {
  return [
    "default-src 'none'",
    ...(scripts.length === 0 ? [] : [`script-src ${scripts.map(digest).join(' ')}`]),
    `style-src ${digest(STYLE)}`,
    ...(fetches ? ["connect-src 'self'", "img-src 'self' blob:"] : ["img-src 'self'"]),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

const digest = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
