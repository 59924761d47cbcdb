import { CategoryInput, IntegerInput, NumberInput } from '../../inputs/input-decorators.js';

/** One employee, with the fields (and the spelling) of the published API. */
export class TurnoverInput {
  @NumberInput({
    description: 'How satisfied the employee is, from 0 (not at all) to 1 (fully).',
    unit: 'ratio',
    minimum: 0,
    maximum: 1,
    example: 0.38,
  })
  satisfaction_level!: number;

  @NumberInput({
    description: "The result of the employee's last evaluation, from 0 (worst) to 1 (best).",
    unit: 'ratio',
    minimum: 0,
    maximum: 1,
    example: 0.53,
  })
  last_evaluation!: number;

  @IntegerInput({
    description: 'How many projects the employee works on.',
    unit: 'projects',
    minimum: 0,
    maximum: 100,
    example: 2,
  })
  number_project!: number;

  @IntegerInput({
    description: 'How many hours the employee works in an average month.',
    unit: 'hours per month',
    minimum: 0,
    maximum: 744,
    example: 157,
  })
  average_montly_hours!: number;

  @IntegerInput({
    description: 'How many years the employee has been with the company.',
    unit: 'years',
    minimum: 0,
    maximum: 100,
    example: 3,
  })
  time_spend_company!: number;

  @IntegerInput({
    description: 'Whether the employee has had an accident at work (1) or not (0).',
    minimum: 0,
    maximum: 1,
    example: 0,
  })
  Work_accident!: number;

  @IntegerInput({
    description: 'Whether the employee was promoted in the last five years (1) or not (0).',
    minimum: 0,
    maximum: 1,
    example: 0,
  })
  promotion_last_5years!: number;

  @CategoryInput({
    description: 'The department the employee works in.',
    categories: [
      'IT',
      'RandD',
      'accounting',
      'hr',
      'management',
      'marketing',
      'product_mng',
      'sales',
      'support',
      'technical',
    ],
    example: 'support',
  })
  sales!: string;

  @CategoryInput({
    description: "The employee's salary level.",
    categories: ['high', 'low', 'medium'],
    example: 'low',
  })
  salary!: string;
}
