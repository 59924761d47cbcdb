import { InvalidInput } from '../../errors/errors.js';
import { InputCheck } from '../../inputs/input-check.js';
import type { FieldSchema, InputSchema } from '../../inputs/input-schema.js';
import { declaredArguments } from './call-arguments.js';
import { flatFaults } from './flat-faults.js';

const MANY = Array.from({ length: 101 }, (_, index) => `word ${index}`);
const PROPERTIES: Record<string, FieldSchema> = {
  constructor: { type: 'number', minimum: 0, maximum: 9 },
  'a/b~c': { type: ['integer', 'null'] },
  when: { type: 'string', format: 'date-time' },
  word: { type: 'string', maxLength: 3 },
  many: { enum: MANY },
  digit: { enum: [0, 1, null] },
};
const SCHEMA: InputSchema = {
  type: 'object',
  additionalProperties: false,
  required: Object.keys(PROPERTIES),
  properties: PROPERTIES,
};
const check = new InputCheck(SCHEMA);
const faultsOf = (given: object): object => {
  const row = declaredArguments(given as Record<string, unknown>, PROPERTIES);
  return flatFaults(
    check.faults([row], (fault) => fault),
    PROPERTIES,
  );
};

describe('the faults of arguments', () => {
  it('stand under their names, in the words of DEEPaaS', () => {
    const given = { constructor: '10', 'a/b~c': 'x', when: 'soon', word: 'words', many: 'x', digit: '2' };
    expect(faultsOf(given)).toEqual({
      constructor: ['Must be less than or equal to 9.'],
      'a/b~c': ['Not a valid integer.'],
      when: ['Not a valid datetime.'],
      word: ['Longer than maximum length 3.'],
      many: [expect.stringMatching(/^Must be one of "word 0", .* and 91 more; got "x"\.$/)],
      digit: ['Must be one of: 0, 1.'],
    });
    expect(faultsOf({})).toEqual(
      Object.fromEntries(Object.keys(PROPERTIES).map((name) => [name, ['Missing data for required field.']])),
    );
  });

  it('that are of no argument stand under _schema', () => {
    const error = new InvalidInput([{ pointer: '', code: 'not_finite', detail: 'gives no finite number' }]);
    expect(flatFaults(error, PROPERTIES)).toEqual({ _schema: ['Gives no finite number.'] });
  });
});

describe('texts', () => {
  it('become what is asked for, where they read as it', () => {
    const given = { constructor: ' -1e-3 ', 'a/b~c': '7', word: '7', digit: '1', stray: 1 };
    expect(declaredArguments(given as unknown as Record<string, unknown>, PROPERTIES)).toEqual({
      constructor: -0.001,
      'a/b~c': 7,
      word: '7',
      digit: 1,
    });
    expect(declaredArguments({}, PROPERTIES)).toEqual({});
  });

  it.each(['0x10', 'NaN', 'Infinity', '1,5', '', '1e'])('%j is no number', (text) => {
    expect(declaredArguments({ x: text }, { x: { type: 'number' } })).toEqual({ x: text });
  });

  it.each([
    ['true', true],
    ['Y', true],
    ['0', false],
    ['off', false],
    ['maybe', 'maybe'],
  ])('%j is the truth value %j', (text, value) => {
    expect(declaredArguments({ x: text }, { x: { type: ['boolean', 'null'] } })).toEqual({ x: value });
  });
});
