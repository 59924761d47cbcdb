import { applyDecorators } from '@nestjs/common';
import { IsIn } from 'class-validator/cjs/decorator/common/IsIn.js';
import { IsOptional } from 'class-validator/cjs/decorator/common/IsOptional.js';
import { Max } from 'class-validator/cjs/decorator/number/Max.js';
import { Min } from 'class-validator/cjs/decorator/number/Min.js';
import { MaxLength } from 'class-validator/cjs/decorator/string/MaxLength.js';
import { IsInt } from 'class-validator/cjs/decorator/typechecker/IsInt.js';
import { IsNumber } from 'class-validator/cjs/decorator/typechecker/IsNumber.js';
import { IsString } from 'class-validator/cjs/decorator/typechecker/IsString.js';

/** What the documentation says of an input, beside its rules. */
export interface InputNotes {
  readonly description: string;
  readonly example: number | string | null;
  readonly unit?: string;
}

interface NumericRules extends InputNotes {
  readonly minimum?: number;
  readonly maximum?: number;
  /** null is taken and the field may be left out: the value is missing. */
  readonly nullable?: boolean;
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

/** One of the listed texts, to the letter. */
export function CategoryInput(
  rules: InputNotes & { readonly categories: readonly string[] },
): PropertyDecorator {
  return applyDecorators(IsIn([...rules.categories]), noted(rules));
}

/** A text of at most `maximumLength` Unicode code points. */
export function TextInput(rules: InputNotes & { readonly maximumLength: number }): PropertyDecorator {
  return applyDecorators(IsString(), MaxLength(rules.maximumLength), noted(rules));
}

/** The notes that one of the decorators above left on `dto[property]`. */
export function inputNotes(dto: abstract new () => object, property: string): InputNotes | undefined {
  return Reflect.getMetadata(NOTES, dto.prototype as object, property) as InputNotes | undefined;
}

function bounds({ minimum, maximum, nullable }: NumericRules): PropertyDecorator[] {
  return [
    ...(minimum === undefined ? [] : [Min(minimum)]),
    ...(maximum === undefined ? [] : [Max(maximum)]),
    ...(nullable ? [IsOptional()] : []),
  ];
}

function noted({ description, example, unit }: InputNotes): PropertyDecorator {
  return Reflect.metadata(NOTES, {
    description,
    example,
    ...(unit !== undefined && { unit }),
  });
}
