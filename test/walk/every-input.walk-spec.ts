import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ModelSummary } from '../../src/doors/admin/model-view.js';
import { HAS_PACKAGE, ROOT } from './copy.js';
import { Walk } from './walk.js';

/**
 * FP32 trees without bounds, or with one of two; integers without; booleans and categories; missing values; a text, alone
 * and beside numbers; dates and words that are missing; words that are unknown, and numbers that are categories.
 */
const MODELS = ['boosted', 'class', 'counts', 'flags', 'forest', 'gaps', 'mixed', 'open', 'times'];
const title = 'the recipe for models of every kind of input';

describe.runIf(HAS_PACKAGE)(HAS_PACKAGE ? title : `${title} (needs Python 3.11, for python/.venv)`, () => {
  let walk: Walk;
  const run = (text: string): string => walk.run({ text, line: 0 });

  beforeAll(async () => {
    walk = await Walk.begin({ isBuilt: true });
  });

  it('exports them', () => {
    walk.python({ text: readFileSync(join(ROOT, 'test/walk/every-input.py'), 'utf8'), line: 1 });
    expect(readdirSync(join(walk.folder, 'artifacts'))).toEqual(expect.arrayContaining(MODELS));
  });

  it('writes no class that TypeScript would refuse', () => {
    cpSync(join(walk.folder, 'artifacts/gaps/1'), join(walk.folder, 'artifacts/odd/1'), { recursive: true });
    const path = join(walk.folder, 'artifacts/odd/1/manifest.json');
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll('second width', 'constructor'));
    expect(() => run('node_modules/.bin/node scripts/new-model.mjs odd')).toThrow(
      /cannot be a field of a class/,
    );
    expect(existsSync(join(walk.folder, 'src/models/odd'))).toBe(false);
    rmSync(join(walk.folder, 'artifacts/odd'), { recursive: true });
  });

  it('gives each a DTO that compiles', () => {
    for (const model of MODELS) {
      const [, line] = /^(export .*)$/m.exec(run(`node_modules/.bin/node scripts/new-model.mjs ${model}`))!;
      run(`echo "${line}" >> src/models/definitions.ts`);
    }
    run('npm run --silent check:types');
  });

  it('serves them', async () => {
    await walk.serve('npm start');
    const { models } = JSON.parse(run('curl -s http://localhost:3000/models')) as { models: ModelSummary[] };
    const states = models.map(({ name, state, versions }) => [name, state, versions[0]?.reason]);
    expect(states).toEqual(expect.arrayContaining(MODELS.map((name) => [name, 'ready', undefined])));
    const api = run('curl -s http://localhost:3000/openapi.json');
    expect(api).not.toMatch(/3\.40282|9007199254740991/);
  });

  it('writes the documents of them all', () => {
    run('npm run --silent postman');
    const written = ['openapi.json', 'postman/nestor.postman_collection.json'].map((path) =>
      readFileSync(join(walk.folder, path), 'utf8'),
    );
    for (const model of MODELS) {
      for (const text of written) expect(text).toContain(`/models/${model}/predict`);
    }
  });

  it('has their samples answered like their estimators', () => {
    run('npx vitest run --project e2e test/prediction/samples.e2e-spec.ts');
  });

  it('writes no document without a model that is refused, and says why', () => {
    cpSync(join(walk.folder, 'artifacts/gaps/1'), join(walk.folder, 'artifacts/other/1'), {
      recursive: true,
    });
    const before = readFileSync(join(walk.folder, 'openapi.json'), 'utf8');
    for (const command of ['openapi', 'postman']) {
      expect(() => run(`npm run --silent ${command}`)).toThrow(
        /model "other" does not answer: version 1 is refused: /,
      );
    }
    expect(readFileSync(join(walk.folder, 'openapi.json'), 'utf8')).toBe(before);
    expect(() => run('npx vitest run --project e2e test/prediction/samples.e2e-spec.ts')).toThrow(
      /other does not answer: \S/,
    );
  });
});
