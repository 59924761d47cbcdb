import { applyDecorators } from '@nestjs/common';
import type { InputValue } from '../artifacts/manifest.js';
import { IsIn } from 'class-validator/cjs/decorator/common/IsIn.js';
import { IsOptional } from 'class-validator/cjs/decorator/common/IsOptional.js';
import { Max } from 'class-validator/cjs/decorator/number/Max.js';
import { Min } from 'class-validator/cjs/decorator/number/Min.js';
import { IsISO8601 } from 'class-validator/cjs/decorator/string/IsISO8601.js';
import { MaxLength } from 'class-validator/cjs/decorator/string/MaxLength.js';
import { IsBoolean } from 'class-validator/cjs/decorator/typechecker/IsBoolean.js';
import { IsInt } from 'class-validator/cjs/decorator/typechecker/IsInt.js';
import { IsNumber } from 'class-validator/cjs/decorator/typechecker/IsNumber.js';
import { IsString } from 'class-validator/cjs/decorator/typechecker/IsString.js';

/** What the documentation says of an input, beside its rules. */
export interface InputNotes {
  readonly description: string;
  readonly example: InputValue | null;
  readonly unit?: string;
}

interface NullableRules extends InputNotes {
  /** null is taken and the field may be left out: the value is missing. */
  readonly nullable?: boolean;
}

interface NumericRules extends NullableRules {
  readonly minimum?: number;
  readonly maximum?: number;
}

const NOTES = Symbol('input notes');

/** A finite number. */
export function NumberInput(rules: NumericRules): PropertyDecorator {
  return applyDecorators(IsNumber({ allowNaN: false, allowInfinity: false }), ...bounds(rules), noted(rules));
}

/** A whole number. */
export function IntegerInput(rules: NumericRules): PropertyDecorator {
  return applyDecorators(IsInt(), ...bounds(rules), noted(rules));
}

/** true or false. */
export function BooleanInput(rules: NullableRules): PropertyDecorator {
  return applyDecorators(IsBoolean(), ...optional(rules), noted(rules));
}

/** A date, or a date and a time, as ISO 8601 writes them (`date-time.ts`). */
export function DateTimeInput(rules: NullableRules): PropertyDecorator {
  return applyDecorators(IsISO8601(), ...optional(rules), noted(rules));
}

/** One of the listed values, to the letter. An open category, of which any text is taken, is a `TextInput`. */
export function CategoryInput(
  rules: NullableRules & { readonly categories: readonly InputValue[] },
): PropertyDecorator {
  return applyDecorators(IsIn([...rules.categories]), ...optional(rules), noted(rules));
}

/** A text of at most `maximumLength` Unicode code points. */
export function TextInput(rules: NullableRules & { readonly maximumLength: number }): PropertyDecorator {
  return applyDecorators(IsString(), MaxLength(rules.maximumLength), ...optional(rules), noted(rules));
}

/** The notes that one of the decorators above left on `dto[property]`. */
export function inputNotes(dto: abstract new () => object, property: string): InputNotes | undefined {
  return Reflect.getMetadata(NOTES, dto.prototype as object, property) as InputNotes | undefined;
}

function bounds({ minimum, maximum, ...rules }: NumericRules): PropertyDecorator[] {
  return [
    ...(minimum === undefined ? [] : [Min(minimum)]),
    ...(maximum === undefined ? [] : [Max(maximum)]),
    ...optional(rules),
  ];
}

const optional = ({ nullable }: Pick<NullableRules, 'nullable'>): PropertyDecorator[] =>
  nullable ? [IsOptional()] : [];

function noted({ description, example, unit }: InputNotes): PropertyDecorator {
  return Reflect.metadata(NOTES, {
    description,
    example,
    ...(unit !== undefined && { unit }),
  });
}
