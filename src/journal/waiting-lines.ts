/** Lines that wait for the disk hold memory, and so do their calls; beyond this, further calls are refused. */
const MOST_BYTES = 16_777_216;
/** A disk that has done nothing for so long stands still; who has waited until then waits on. */
const STILL_MS = 5_000;

/** What waits to be synced in this process, over all models, and whether the disk gets on with it. */
export class WaitingLines {
  private bytes = 0;
  /** When the disk last did something, or was first asked to. */
  private since = 0;

  constructor(private readonly now: () => number = () => performance.now()) {}

  add(bytes: number): void {
    if (this.bytes === 0) this.since = this.now();
    this.bytes += bytes;
  }

  remove(bytes: number): void {
    this.bytes -= bytes;
    this.since = this.now();
  }

  /** Whether the disk has done nothing for a while, though it was asked to. */
  get isStill(): boolean {
    return this.bytes > 0 && this.now() - this.since > STILL_MS;
  }

  /** Whether no more should wait. */
  get isFull(): boolean {
    return this.bytes > MOST_BYTES || this.isStill;
  }
}
