/** The body of the published call: the classes say that this employee leaves. */
export const TURNOVER_ROW = {
  satisfaction_level: 0.38,
  last_evaluation: 0.53,
  number_project: 2,
  average_montly_hours: 157,
  time_spend_company: 3,
  Work_accident: 0,
  promotion_last_5years: 0,
  sales: 'support',
  salary: 'low',
} as const;
