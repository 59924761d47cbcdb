import { execFileSync } from 'node:child_process';
import type { ModelVersion } from '../../models/model-version.js';
import { curlLine } from './curl-line.js';

/** What the page asks of a version, with one input. */
function version(example: unknown, inputs = 1): ModelVersion {
  const manifest = { model: 'm', inputs: Array.from({ length: inputs }) };
  return { manifest, check: { schema: { properties: { text: { examples: [example] } } } } } as never;
}

/** The words that a shell makes of the line. */
function words(line: string): string[] {
  const script = `curl() { printf '%s\\0' "$@"; }; curl 'http://localhost:3000${line}`;
  return execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
}

describe('the command that asks a model for its example', () => {
  it.each([
    'that movie was boring',
    `'; touch /tmp/owned; echo '`,
    '$(id) `id` "x" \\ \\\' !! *',
    'two\nlines\u0000\u001b[31m',
    'right to left \u202e, hidden \u200b\u{e0041}, broad \u00a0\u2028',
    'Grüße 😀',
  ])('is one command with the row as one word: %j', (example) => {
    const line = curlLine(version(example))!;
    const [url, flag, header, data, row, ...others] = words(line);

    expect([url, flag, header, data, others]).toEqual([
      'http://localhost:3000/models/m/predict',
      '-H',
      'Content-Type: application/json',
      '-d',
      [],
    ]);
    expect(JSON.parse(row!)).toEqual({ text: example });
    expect(line).not.toMatch(/[\p{C}\p{Zl}\p{Zp}\u00a0]/u);
  });

  it.each([
    ['a long row', version('a'.repeat(5_000))],
    ['many inputs', version(1, 101)],
  ])('is none for %s', (_, long) => {
    expect(curlLine(long)).toBeUndefined();
  });
});
