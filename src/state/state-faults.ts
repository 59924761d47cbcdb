/** The database is away, cannot be written, or cannot be used by this build. */
export class StateFault extends Error {
  /** @param isTold the process that owns the database has told its log; one line of one server is enough */
  constructor(
    message: string,
    readonly isTold = false,
  ) {
    super(message);
  }
}

/** Something else is there under the same key. The operation has changed nothing. */
export class StateConflict extends Error {}
