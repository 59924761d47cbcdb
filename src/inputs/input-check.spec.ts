import { CompiledSchema } from './compiled-schema.js';
import { InputCheck, type Place } from './input-check.js';
import { IntegerInput, TextInput } from './input-decorators.js';
import { inputSchema } from './input-schema.js';

class Sample {
  @IntegerInput({ description: 'd', example: 1, minimum: 0 })
  count!: number;

  @TextInput({ description: 'd', example: 'x', maximumLength: 5 })
  text!: string;
}

const check = new InputCheck(inputSchema(Sample));

const asSent: Place = (fault) => fault;
const inList: Place = (fault, row) => ({ ...fault, pointer: `/list/${row}${fault.pointer}` });

const surplus = (count: number): Record<string, number> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`x${index}`, index]));

describe(InputCheck.name, () => {
  it('tells a legal row from others', () => {
    expect(check.isRow({ count: 3, text: 'abc' })).toBe(true);
    expect(check.isRow({ count: 3 })).toBe(false);
    expect(check.isRow(null)).toBe(false);
  });

  it('names every fault of a row', () => {
    const { errors, count } = check.faults([{ count: -1, text: 'abcdef', more: 1 }], asSent);
    expect(count).toBe(3);
    expect(new Set(errors.map(({ pointer, code }) => `${pointer} ${code}`))).toEqual(
      new Set(['/count minimum', '/text too_long', '/more unknown_field']),
    );
  });

  it.each(['\ud83d', 'a\udc00', '\ude00\ud83d'])('refuses half a character: %j', (text) => {
    expect(check.faults([{ count: 1, text }], asSent).errors).toEqual([
      {
        pointer: '/text',
        code: 'unpaired_surrogate',
        detail: 'holds an unpaired surrogate, which is half of a character; send whole characters',
      },
    ]);
    expect(check.isRow({ count: 1, text: '🎈' })).toBe(true);
  });

  it('lists fifty unknown fields and counts the others', () => {
    const { errors, count } = check.faults([{ count: -1, text: 'abc', ...surplus(1_000) }], asSent);
    expect(count).toBe(1_001);
    expect(errors).toHaveLength(50);
    expect(errors.map(({ pointer }) => pointer)).toContain('/x0');
  });

  it('counts the faults of all rows, whichever are listed', () => {
    const rows = [
      { count: 1 },
      { count: 1, text: 'a', ...surplus(70) },
      { ...surplus(30) },
      { count: 1, text: 'a' },
    ];
    const { errors, count } = check.faults(rows, inList);
    expect(count).toBe(1 + 70 + 32);
    expect(errors).toHaveLength(50);
    expect(errors[0]).toMatchObject({ pointer: '/list/0/text', code: 'required' });
    expect(errors.slice(1).every(({ pointer }) => pointer.startsWith('/list/1/x'))).toBe(true);
  });

  it('takes __proto__ for an unknown field', () => {
    const body: unknown = JSON.parse(`{"count":1,"text":"a","__proto__":{"count":2}}`);
    expect(check.faults([body], asSent).errors).toMatchObject([
      { pointer: '/__proto__', code: 'unknown_field' },
    ]);
  });

  it('shares what is compiled with a check of the same schema, and with no other', () => {
    const twin = new InputCheck(inputSchema(Sample));
    const other = new InputCheck({ ...inputSchema(Sample), required: [] });

    expect(CompiledSchema.of(twin.schema)).toBe(CompiledSchema.of(check.schema));
    expect(CompiledSchema.of(other.schema)).not.toBe(CompiledSchema.of(check.schema));
    expect(other.isRow({})).toBe(true);
    expect(twin.faults([{}], asSent).count).toBe(2);
  });
});
