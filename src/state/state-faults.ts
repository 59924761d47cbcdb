/** The database is away, cannot be written, or cannot be used by this build. */
export class StateFault extends Error {}

/** Something else is there under the same key. The operation has changed nothing. */
export class StateConflict extends Error {}
