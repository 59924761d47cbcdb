import MarkdownIt from 'markdown-it';

/** HTML in the text is shown as text; links to scripts are none. */
const markdown = new MarkdownIt({ html: false, linkify: false });

const STYLE = [
  'body{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}',
  // What is wider than a phone: tables scroll by themselves, digests in the text are broken anywhere.
  'table{border-collapse:collapse;display:block;overflow-x:auto}',
  'th,td{border:1px solid #ccc;padding:.3rem .6rem;text-align:left}',
  'code{overflow-wrap:anywhere;background:#f3f3f3;padding:0 .2rem}td code{overflow-wrap:normal}',
  'img{max-width:100%}',
].join('');

/** A model card as a page, with its pictures. They stand beside the card's own address. */
export function cardPage(title: string, card: string, plots: readonly string[]): string {
  const pictures = plots.map((name) => `<p><img src="plots/${escaped(name)}" alt="${escaped(name)}"></p>`);
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escaped(title)}</title><style>${STYLE}</style></head>`,
    `<body>\n${markdown.render(card)}${pictures.join('\n')}\n</body>`,
    '</html>',
    '',
  ].join('\n');
}

const escaped = (text: string): string => markdown.utils.escapeHtml(text);
