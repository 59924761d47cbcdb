import { NumberInput } from '../../inputs/input-decorators.js';

/** Predicts the species of an iris from the lengths and widths of its sepals and petals. */
export class IrisInput {
  @NumberInput({
    description: 'Length of the sepal, the outer leaf of the flower.',
    unit: 'cm',
    minimum: 0,
    maximum: 100,
    example: 5.1,
  })
  sepal_length!: number;

  @NumberInput({ description: 'Width of the sepal.', unit: 'cm', minimum: 0, maximum: 100, example: 3.5 })
  sepal_width!: number;

  @NumberInput({
    description: 'Length of the petal, the inner leaf of the flower.',
    unit: 'cm',
    minimum: 0,
    maximum: 100,
    example: 1.4,
  })
  petal_length!: number;

  @NumberInput({ description: 'Width of the petal.', unit: 'cm', minimum: 0, maximum: 100, example: 0.2 })
  petal_width!: number;
}
