import MarkdownIt from 'markdown-it';
import { Html, html } from '../../pages/html.js';
import { page } from '../../pages/page.js';

/** HTML in the text is shown as text; links to scripts are none. */
const markdown = new MarkdownIt({ html: false, linkify: false });

/** A model card as a page, with its pictures. They stand beside the card's own address. */
export function cardPage(title: string, card: string, plots: readonly string[], hasDocs: boolean): string {
  const pictures = plots.map((name) => html`<p><img src="plots/${name}" alt="${name}" /></p>`);
  const content = html`${new Html(markdown.render(card))}${pictures}`;
  return page({ title, root: '../../../../', hasDocs, content, isText: true });
}
