import { IntegerInput, NumberInput } from '../../inputs/input-decorators.js';

/** Predicts whether a woman will show diabetes within five years, from eight measurements. */
export class DiabetesInput {
  @IntegerInput({
    description: 'How many times the woman has been pregnant.',
    unit: 'pregnancies',
    minimum: 0,
    maximum: 30,
    example: 1,
  })
  times_pregnant!: number;

  @IntegerInput({
    description: 'Plasma glucose two hours into an oral glucose tolerance test; 0 or null: not measured.',
    unit: 'mg/dL',
    minimum: 0,
    maximum: 1000,
    nullable: true,
    example: 106,
  })
  glucose?: number | null;

  @IntegerInput({
    description: 'Diastolic blood pressure; 0 or null: not measured.',
    unit: 'mmHg',
    minimum: 0,
    maximum: 300,
    nullable: true,
    example: 70,
  })
  blood_pressure?: number | null;

  @IntegerInput({
    description: 'Thickness of the skin fold at the triceps; 0 or null: not measured.',
    unit: 'mm',
    minimum: 0,
    maximum: 200,
    nullable: true,
    example: 28,
  })
  skin_fold_thick?: number | null;

  @IntegerInput({
    description: 'Serum insulin two hours into the test; 0 or null: not measured.',
    unit: 'µU/mL',
    minimum: 0,
    maximum: 2000,
    nullable: true,
    example: 135,
  })
  serum_insuling?: number | null;

  @NumberInput({
    description: 'Body mass index; 0 or null: not measured.',
    unit: 'kg/m²',
    minimum: 0,
    maximum: 150,
    nullable: true,
    example: 34.2,
  })
  mass_index?: number | null;

  @NumberInput({
    description: 'Diabetes pedigree function: how strongly diabetes runs in the family.',
    unit: 'score',
    minimum: 0,
    maximum: 10,
    example: 0.142,
  })
  diabetes_pedigree!: number;

  @IntegerInput({ description: "The woman's age.", unit: 'years', minimum: 0, maximum: 120, example: 22 })
  age!: number;
}
