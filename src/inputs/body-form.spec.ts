import { rowForm } from './body-form.js';
import type { InputSchema } from './input-schema.js';

const form = (properties: InputSchema['properties']) =>
  rowForm({ type: 'object', additionalProperties: false, required: [], properties });
const bytes = (text: string): number => Buffer.byteLength(text);
const escaped = (text: string): string =>
  text
    .split('')
    .map((each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');

describe(rowForm.name, () => {
  it('takes at least 16 KiB', () => {
    expect(form({ age: { type: 'number' } }).bytes).toBeGreaterThanOrEqual(16_384);
  });

  it.each<[string, InputSchema['properties'], string]>([
    [
      'a text at its limit',
      { t: { type: 'string', maxLength: 10_000 } },
      `{"t":"${escaped('😀'.repeat(10_000))}"}`,
    ],
    ['a category', { c: { enum: ['x'.repeat(5_000), 'y'] } }, `{"c":"${escaped('x'.repeat(5_000))}"}`],
    [
      'a thousand numbers, printed',
      Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`field_${index}`, { type: 'number' }])),
      JSON.stringify(
        Object.fromEntries(
          Array.from({ length: 1_000 }, (_, index) => [`field_${index}`, -1.234567890123456e-300]),
        ),
        undefined,
        8,
      ),
    ],
  ])('has room for the largest row, escaped throughout: %s', (_, properties, text) => {
    expect(form(properties).bytes).toBeGreaterThan(bytes(text));
    expect(form(properties).bytes).toBeLessThan(8 * bytes(text) + 32_768);
  });

  it('has no bound where a text has none', () => {
    expect(form({ t: { type: 'string' } }).bytes).toBe(Infinity);
  });
});
