/** What a command ends with: a sentence for the terminal, and its exit code. */
export class Failure extends Error {
  /** 1: it was refused or went wrong; 2: it was called wrongly. */
  constructor(
    message: string,
    readonly exitCode: 1 | 2 = 1,
  ) {
    super(message);
  }
}
