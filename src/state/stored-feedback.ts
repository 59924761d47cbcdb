/** A value that somebody gave for a prediction. Every one stays, in the order in which they came. */
export interface GivenValue {
  readonly prediction_id: string;
  /** When, in milliseconds since 1970. */
  readonly given: number;
  /** Its place in the call that gave it. */
  readonly place: number;
  /** JSON. */
  readonly value: string;
  /** Null: nobody knows who. */
  readonly principal: string | null;
}

/** What is told of a prediction with the value that was given for it; its record may be gone later. */
export interface LabelledPrediction {
  readonly model: string;
  readonly version: string;
  /** When it was made, in milliseconds since 1970. */
  readonly predicted: number;
  /** JSON of the record. */
  readonly inputs: string;
  /** JSON of the record. */
  readonly outputs: string;
}

/** A value that is given for a prediction whose record was found. */
export type GivenLabel = GivenValue & LabelledPrediction;

/** The value that counts of a prediction: the last that was given. */
export type StoredLabel = Omit<GivenLabel, 'place'>;

/** What a value has changed. */
export type Given = 'accepted' | 'replaced' | 'unchanged';
