/** Work that is done again and again, and once at a time: who asks for it while it is under way waits for that. */
export class PeriodicWork {
  private timer: NodeJS.Timeout | undefined;
  private underWay: Promise<void> | undefined;
  /** What is under way may stop where it is: it is done the next time. */
  hasEnded = false;

  /** @param work resolves also where it could not do something: it does that the next time */
  constructor(
    private readonly work: () => Promise<void>,
    private readonly periodMs: number,
  ) {}

  begin(): void {
    this.timer = setInterval(() => void this.once(), this.periodMs).unref();
  }

  once(): Promise<void> {
    return (this.underWay ??= this.work().finally(() => (this.underWay = undefined)));
  }

  /** Resolves when what is under way has ended; it does not begin by itself any more. */
  async end(): Promise<void> {
    this.hasEnded = true;
    clearInterval(this.timer);
    await this.underWay;
  }
}
