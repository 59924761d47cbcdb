const MEBIBYTE = 1_048_576;

/** The milliseconds of CPU that a request of so many bytes may cost: 40 per MiB, and 100 for whatever is done once. */
export const cpuBound = (bytes: number): number => 100 + (40 * bytes) / MEBIBYTE;
