import { readFileSync } from 'node:fs';
import type { InputSpec } from './manifest.js';
import { parseManifest } from './manifest-schema.js';

const path = new URL('../../artifacts/turnover/1/manifest.json', import.meta.url);
const SALARY = 8;

/** The manifest of turnover with another `salary`. */
function parsed(change: object): InputSpec | undefined {
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as { inputs: object[] };
  manifest.inputs[SALARY] = { ...manifest.inputs[SALARY], ...change };
  return parseManifest(Buffer.from(JSON.stringify(manifest))).inputs[SALARY];
}

describe(parseManifest.name, () => {
  it.each<[object]>([
    [{}],
    [{ open: true, nullable: true, maximum_length: 100 }],
    [{ type: 'integer', categories: [1, 2], observed: { minimum: 1, maximum: 2 } }],
    [{ type: 'boolean', categories: undefined }],
    [{ type: 'datetime', categories: undefined, observed: { minimum: '2020-01-01', maximum: '2021-01-01' } }],
  ])('takes an input with %j', (change) => {
    expect(parsed(change)).toMatchObject(JSON.parse(JSON.stringify(change)) as object);
  });

  it.each<[string, object]>([
    ['a category needs its categories', { categories: undefined }],
    ['a text has no categories', { type: 'text' }],
    ['open belongs to an input with categories', { type: 'integer', categories: undefined, open: true }],
    ['"high" is no integer', { type: 'integer' }],
    ['1 is no category', { categories: ['a', 1] }],
    ['1 is no datetime', { type: 'datetime', categories: undefined, observed: { minimum: 1, maximum: 2 } }],
    ['a category stands there twice', { categories: ['a', 'a'] }],
  ])('refuses an input: %s', (reason, change) => {
    expect(() => parsed(change)).toThrow(`manifest.json/inputs: "salary": ${reason}`);
  });

  it.each([{ raw: 0 }, { probability: 0 }, {}])('takes the tolerances %j', (tolerance) => {
    const manifest = JSON.parse(readFileSync(path, 'utf8')) as object;
    expect(parseManifest(Buffer.from(JSON.stringify({ ...manifest, tolerance }))).tolerance).toEqual(
      tolerance,
    );
  });
});
