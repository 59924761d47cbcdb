/** Seconds that the stages of runs took. */
export interface RunTimes {
  encode: number;
  run: number;
  decode: number;
}
