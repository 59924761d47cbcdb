/** The model overflows on the numbers of a row: such an answer is no answer. */
export class NoFiniteAnswer extends RangeError {
  /** `row` is its place in the run. */
  constructor(readonly row: number) {
    super('the model answered a number that is not finite');
  }
}
