import MarkdownIt from 'markdown-it';
import type { Token } from 'markdown-it';
import { Html } from '../pages/html.js';

const ELSEWHERE = /^[a-z]+:/;
const GUIDE = /^([a-z-]+)\.md(#.*)?$/;

/** A guide as HTML: links lead to the other guides; what else lies in the repository is not served, and is no link. */
export function guideHtml(text: string, guides: readonly { readonly name: string }[]): Html {
  const markdown = new MarkdownIt({ html: false });
  const target = (href: string): string | undefined => {
    if (href.startsWith('#') || ELSEWHERE.test(href)) return href;
    const [, name, part = ''] = GUIDE.exec(href) ?? [];
    return guides.some((guide) => guide.name === name) ? `${name}${part}` : undefined;
  };
  markdown.core.ruler.push('guide', ({ tokens }) => {
    tokens.forEach((token, index) => {
      if (token.type === 'heading_open') token.attrSet('id', anchor(tokens[index + 1]?.content ?? ''));
      if (token.children !== null) token.children = withoutDeadLinks(token.children, target);
    });
  });
  return new Html(markdown.render(text));
}

/** As the hosts of repositories name a heading. */
const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');

function withoutDeadLinks(tokens: readonly Token[], target: (href: string) => string | undefined): Token[] {
  let isDead = false;
  return tokens.filter((token) => {
    if (token.type === 'image') return false;
    if (token.type === 'link_close') return !isDead;
    if (token.type !== 'link_open') return true;
    const href = target(String(token.attrGet('href')));
    isDead = href === undefined;
    if (href !== undefined) token.attrSet('href', href);
    return !isDead;
  });
}
