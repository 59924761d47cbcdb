import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest } from '../../src/artifacts/manifest.js';
import { readRecords } from '../support/records.js';
import { prediction } from '../support/shapes.js';
import { HAS_PACKAGE, ROOT } from './copy.js';
import { blocksOf } from './markdown.js';
import { comparable, Walk } from './walk.js';

const SECTION = 'A sixth model in a quarter of an hour';
const blocks = blocksOf(join(ROOT, 'CONTRIBUTING.md'));
const steps = blocks.filter(({ heading }) => /^\d\. /.test(heading));

const title = HAS_PACKAGE ? SECTION : `${SECTION} (needs Python 3.11, for python/.venv)`;
describe.runIf(HAS_PACKAGE)(title, () => {
  let walk: Walk;
  const answers: unknown[] = [];

  beforeAll(async () => {
    walk = await Walk.begin({ isBuilt: false });
  });

  it('has a walk that trains, serves, generates and tests', () => {
    const said = steps.map(({ text }) => text).join('\n');
    for (const part of [
      'nestor.export(',
      'npm start',
      'npm run new:model',
      'definitions.ts',
      'vitest run',
      'curl',
    ]) {
      expect(said).toContain(part);
    }
  });

  for (const [index, block] of steps.entries()) {
    const { language, words, text, line, heading } = block;
    if (words.includes('answer')) continue;
    it(`${heading}, line ${line}: ${text.split('\n', 1)[0]}`, async () => {
      if (language === 'python') return writeFileSync(join(walk.folder, words[0]!), `${text}\n`);
      if (words.includes('server')) return walk.serve(text);
      const printed = walk.run(block);
      const next = steps[index + 1];
      if (next?.words.includes('answer')) expect(comparable(printed)).toEqual(comparable(next.text));
      if (text.startsWith('curl')) answers.push(JSON.parse(printed));
    });
  }

  it('answered the same prediction without TypeScript and with it, and recorded both', () => {
    const shape = prediction('wine', ['first', 'second', 'third']);
    const [bare, typed] = answers as { label: string; probabilities: object }[];
    expect(answers).toEqual([shape, shape]);
    expect(bare!.label).toBe('first');
    expect(typed!.probabilities).toEqual(bare!.probabilities);
    expect(readRecords(join(walk.folder, 'predictions')).map(({ model }) => model)).toEqual(['wine', 'wine']);
  });

  it('left a model that the documents of the copy know', () => {
    const manifest = readFileSync(join(walk.folder, 'artifacts/wine/1/manifest.json'), 'utf8');
    expect((JSON.parse(manifest) as Manifest).tolerance.raw).toBe(0);
    expect(readFileSync(join(walk.folder, 'openapi.json'), 'utf8')).toContain('/models/wine/predict');
    expect(readFileSync(join(walk.folder, 'postman/nestor.postman_collection.json'), 'utf8')).toContain(
      'wine',
    );
  });
});
