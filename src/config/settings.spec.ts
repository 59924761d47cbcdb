import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { type Setting, SETTINGS } from './settings.js';

const settings: readonly Setting<unknown>[] = Object.values(SETTINGS);
const text = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8');
const blocks = new Map(
  text
    .split('\n\n')
    .flatMap((block) =>
      /^[A-Z_]+=/m.test(block) ? [[/^([A-Z_]+)=/m.exec(block)![1]!, block] as const] : [],
    ),
);

describe('.env.example', () => {
  it('lists every setting, in their order, and no other', () => {
    expect([...blocks.keys()]).toEqual(settings.map(({ key }) => key));
  });

  it.each(settings)('gives the default of $key and the reason for it', ({ key, why, fallback }) => {
    const block = blocks.get(key) ?? '';
    const reason = block
      .split('\n')
      .filter((line) => line.startsWith('# '))
      .map((line) => line.slice(2))
      .join(' ');

    expect(parseEnv(block)[key]).toBe(fallback('development'));
    expect(reason).toContain(why);
    const isOther = fallback('production') !== fallback('development');
    expect(reason.includes(`production: ${fallback('production')}`)).toBe(isOther);
  });

  it('is taken by the program as it stands', () => {
    for (const { key, parse } of settings) expect(() => parse(parseEnv(text)[key] ?? '')).not.toThrow();
  });
});
