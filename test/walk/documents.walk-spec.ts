import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HAS_PACKAGE, ROOT } from './copy.js';
import { type Block, blocksOf } from './markdown.js';
import { comparable, Walk } from './walk.js';

const GUIDES = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'));
const DOCUMENTS = ['README.md', 'CONTRIBUTING.md', ...GUIDES.map((name) => `docs/${name}`)];
const SCRIPTS = (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object }).scripts;
/** Programs that a block may need, by the word on its fence, and how to ask whether they are here. */
const NEEDS: Readonly<Record<string, () => boolean>> = {
  docker: () => spawnSync('docker', ['compose', 'version']).status === 0,
  duckdb: () => spawnSync('duckdb', ['--version']).status === 0,
  package: () => HAS_PACKAGE,
};

const isCommand = ({ language, words }: Block): boolean => language === 'sh' || words.includes('run');
const HAS_CURL = spawnSync('curl', ['--version']).status === 0;
if (!HAS_CURL) process.stderr.write('the commands of the documents are skipped: they need curl\n');
/** CONTRIBUTING.md has a test of its own. */
const WALKED = DOCUMENTS.filter(
  (path) => path !== 'CONTRIBUTING.md' && blocksOf(join(ROOT, path)).some(isCommand),
);

it('finds commands in the README and in every guide for a reader', () => {
  const guides = ['data-scientist', 'developer', 'operator', 'auditor'].map((name) => `docs/${name}.md`);
  expect(WALKED).toEqual(expect.arrayContaining(['README.md', ...guides]));
});

describe.each(WALKED)('the commands of %s', { skip: !HAS_CURL }, (path) => {
  const blocks = blocksOf(join(ROOT, path));
  const commands = blocks.filter(isCommand);
  const ranHere = commands.filter(({ words }) => !words.includes('elsewhere') && !words.includes('docker'));
  let walk: Walk;

  beforeAll(async () => {
    if (ranHere.length === 0) return;
    walk = await Walk.begin({ isBuilt: true });
    const isServedByItself = ranHere.some(({ words }) => words.includes('server'));
    if (!isServedByItself) await walk.serve(`exec ${process.execPath} dist/main.js`);
  });

  for (const block of commands) {
    const lacking = block.words.find((word) => NEEDS[word]?.() === false);
    const name = `line ${block.line}: ${block.text.split('\n', 1)[0]}`;
    if (block.words.includes('elsewhere')) {
      it(`${name} (run by other tests: its scripts and files exist)`, () => expectNamesExist(block));
    } else if (lacking !== undefined) {
      it.skip(`${name} (needs ${lacking})`, () => undefined);
    } else if (block.words.includes('docker')) {
      it(`${name} (its configuration; test/deploy runs it)`, () => expectValidCompose(block));
    } else it(name, () => walkBlock(block));
  }

  async function walkBlock(block: Block): Promise<void> {
    if (block.words.includes('server')) return walk.serve(block.text);
    const printed = block.language === 'python' ? walk.python(block) : walk.run(block);
    const next = blocks[blocks.indexOf(block) + 1];
    if (next?.words.includes('answer')) expect(comparable(printed)).toEqual(comparable(next.text));
  }
});

function expectNamesExist({ text }: Block): void {
  const scripts = [...text.matchAll(/\bnpm run ([\w:-]+)|\bnpm (test|start)\b/g)].map(
    ([, run, own]) => run ?? own!,
  );
  expect(scripts.filter((script) => !Object.hasOwn(SCRIPTS, script))).toEqual([]);
  const files = [...text.matchAll(/\bsh (\S+\.sh)\b/g)].map(([, file]) => file!);
  expect(files.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
}

function expectValidCompose({ text }: Block): void {
  const files = [...text.matchAll(/-f (\S+)/g)].flatMap(([, file]) => ['-f', file!]);
  const { status, stderr } = spawnSync('docker', ['compose', ...files, 'config', '--quiet'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  expect(status, stderr).toBe(0);
}
