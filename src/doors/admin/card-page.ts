import MarkdownIt from 'markdown-it';
import { Html, html } from '../../pages/html.js';
import { page, type Ways } from '../../pages/page.js';
import { spaced } from '../../training/gate.js';
import type { KeptReport } from '../../training/gatekeeper.js';

/** HTML in the text is shown as text; links to scripts are none. */
const markdown = new MarkdownIt({ html: false, linkify: false });

interface Card {
  readonly title: string;
  readonly card: string;
  readonly plots: readonly string[];
  /** What the gate found, where the version has been compared with a champion. */
  readonly report: Pick<KeptReport, 'champion' | 'verdict'> | undefined;
  readonly ways: Ways;
}

/** A model card as a page, with its pictures. They and the gate's page stand beside the card's own address. */
export function cardPage({ title, card, plots, report, ways }: Card): string {
  const pictures = plots.map((name) => html`<p><img src="plots/${name}" alt="${name}" /></p>`);
  const gate =
    report &&
    html`<p>
      <a href="gate">Compared with version ${report.champion.version}</a>: ${spaced(report.verdict)}
    </p>`;
  const content = html`${new Html(markdown.render(card))}${gate}${pictures}`;
  return page({ title, root: '../../../../', ways, content, isText: true });
}
