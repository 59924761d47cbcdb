import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { localLinks } from '../test/walk/markdown.js';
import { SETTINGS } from './config/settings.js';
import { PROBLEMS } from './http/problems.js';

const ROOT = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const DOCUMENTS = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(ROOT, 'docs')).map((name) => `docs/${name}`),
].filter((path) => path.endsWith('.md'));

describe.each(DOCUMENTS)('%s', (path) => {
  it('links to files that are there', () => {
    const missing = localLinks(join(ROOT, path)).filter(
      (link) => !existsSync(join(ROOT, dirname(path), link)),
    );
    expect(missing).toEqual([]);
  });
});

describe('the guide for operators', () => {
  it('explains every setting', () => {
    const guide = read('docs/operator.md');
    const untold = Object.values(SETTINGS).filter(({ key }) => !guide.includes(`| \`${key}\` `));
    expect(untold.map(({ key }) => `${key} has no row in docs/operator.md`)).toEqual([]);
  });
});

describe('the contracts in docs/architecture.md', () => {
  it('name every encoder of the manifest', () => {
    const [row = ''] = /^\| `encoding` .*$/m.exec(read('docs/architecture.md')) ?? [];
    const forms = read('src/artifacts/manifest-schema.ts').matchAll(/encoder: \{ const: '(\w+)' \}/g);
    const encoders = [...forms].map(([, name]) => name!);
    expect(encoders).toContain('parts');
    const untold = encoders.filter((name) => !row.includes(`\`${name}\``));
    expect(untold.map((name) => `${name} is not in the row \`encoding\` of docs/architecture.md`)).toEqual(
      [],
    );
  });
});

describe('the guide for developers', () => {
  const guide = read('docs/developer.md');
  const rows = guide.split('\n').filter((line) => line.startsWith('| '));
  const untold = (codes: readonly string[]): string[] =>
    codes.filter((code) => !guide.includes(`\`${code}\``));

  it('says what to do about every code, beside its status', () => {
    const lines = rows.concat(/^Not sent yet[^]*?\n\n/m.exec(guide)?.[0] ?? []);
    const wrong = Object.entries(PROBLEMS).filter(
      ([code, { status }]) =>
        !lines.some((line) => line.includes(`\`${code}\``) && line.includes(String(status))),
    );
    expect(wrong.map(([code, { status }]) => `${status} ${code} has no row in docs/developer.md`)).toEqual(
      [],
    );
  });

  it('lists every code of a field', () => {
    const sources = globSync('**/*.ts', { cwd: import.meta.dirname }).filter(
      (name) => !name.includes('.spec.'),
    );
    const codes = sources.flatMap((name) =>
      [...read(join('src', name)).matchAll(/\bcode: '([a-z_]+)'/g)].map(([, code]) => code!),
    );
    expect(codes).toContain('wrong_count');
    expect(untold(codes)).toEqual([]);
  });
});
