import { readFileSync } from 'node:fs';

/** A fenced block of a document: the words after its fence say what is done with it (CONTRIBUTING.md, "Documents"). */
export interface Block {
  readonly language: string;
  readonly words: readonly string[];
  readonly text: string;
  /** Where its text begins, counted from 1. */
  readonly line: number;
  /** The last heading above it. */
  readonly heading: string;
}

/** The fenced blocks of a document, in order. */
export function blocksOf(path: string): Block[] {
  const blocks: Block[] = [];
  let heading = '';
  let open: { info: string[]; line: number; lines: string[] } | undefined;
  for (const [index, line] of readFileSync(path, 'utf8').split('\n').entries()) {
    const fence = /^```(.*)$/.exec(line);
    if (open === undefined) {
      heading = /^#+ (.*)$/.exec(line)?.[1] ?? heading;
      if (fence) open = { info: (fence[1] ?? '').split(' ').filter(Boolean), line: index + 2, lines: [] };
    } else if (fence) {
      const [language = '', ...words] = open.info;
      blocks.push({ language, words, text: open.lines.join('\n'), line: open.line, heading });
      open = undefined;
    } else open.lines.push(line);
  }
  return blocks;
}

/** The targets of a document's links and pictures that are no addresses: files of this repository. */
export function localLinks(path: string): string[] {
  const text = readFileSync(path, 'utf8').replaceAll(/^```[^]*?^```/gm, '');
  return [...text.matchAll(/\]\(([^)\s]+)\)|src="([^"]+)"/g)]
    .map(([, link, source]) => (link ?? source ?? '').replace(/#.*/, ''))
    .filter((target) => target !== '' && !/^[a-z]+:/.test(target));
}
