/** What a message comes and goes by: a process, as the one that started it has it, or as it has itself. */
export interface Port {
  send(message: object): void;
  onMessage(listener: (message: unknown) => void): void;
}

type Handler = (payload: unknown) => unknown;

interface Message {
  /** Names the question, for its answer; absent where nobody waits for one. */
  readonly id?: number;
  readonly kind?: string;
  readonly payload?: unknown;
  /** Of an answer: to which question, and what came of it. */
  readonly to?: number;
  readonly result?: unknown;
  readonly fault?: string;
}

interface Waiting {
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout | undefined;
}

/** The other side has not answered in time, has gone, or could not do what it was asked. */
export class ChannelFault extends Error {}

/** Questions and answers between two processes of this server, by kind. What is sent is data (structured clone), never code. */
export class Channel {
  private readonly handlers = new Map<string, Handler>();
  private readonly waiting = new Map<number, Waiting>();
  /** What the other side has asked for, or told, and is being done. */
  private readonly doing = new Set<Promise<void>>();
  private last = 0;
  private isClosed = false;

  constructor(private readonly port: Port) {
    port.onMessage((message) => {
      if (typeof message === 'object' && message !== null) this.hear(message);
    });
  }

  /** Says who does what the other side asks for, or is told; a promise is awaited. One alone does it, or one of two would never hear. */
  on(kind: string, handler: (payload: never) => unknown): void {
    if (this.handlers.has(kind)) throw new Error(`"${kind}" is done by somebody already`);
    this.handlers.set(kind, handler as Handler);
  }

  /** Tells the other side, and waits for nothing. */
  tell(kind: string, payload?: unknown): void {
    this.port.send({ kind, payload });
  }

  /** Asks the other side. @throws ChannelFault, after `milliseconds` at the latest; `Infinity`: when the other side has gone */
  ask<Answer>(kind: string, payload: unknown, milliseconds: number): Promise<Answer> {
    if (this.isClosed) return Promise.reject(gone());
    const id = ++this.last;
    return new Promise<Answer>((resolve, reject) => {
      const giveUp = (): void => {
        this.waiting.delete(id);
        reject(new ChannelFault(`no answer to "${kind}" for ${milliseconds} ms`));
      };
      const timer = milliseconds === Infinity ? undefined : setTimeout(giveUp, milliseconds);
      this.waiting.set(id, { resolve, reject, timer });
      this.port.send({ id, kind, payload });
    });
  }

  /** Resolves when all is done, or has failed, that the other side has asked for or told until now. */
  async done(): Promise<void> {
    await Promise.all(this.doing);
  }

  /** The other side has gone: nothing is answered any more. */
  close(): void {
    this.isClosed = true;
    for (const { reject, timer } of this.waiting.values()) {
      clearTimeout(timer);
      reject(gone());
    }
    this.waiting.clear();
  }

  private hear({ id, kind, payload, to, result, fault }: Message): void {
    if (to !== undefined) this.take(to, result, fault);
    else if (kind !== undefined) {
      const answered = this.answer(id, kind, payload).finally(() => this.doing.delete(answered));
      this.doing.add(answered);
    }
  }

  private take(to: number, result: unknown, fault: string | undefined): void {
    const asked = this.waiting.get(to);
    // Too late: whoever asked waits no longer.
    if (asked === undefined) return;
    this.waiting.delete(to);
    clearTimeout(asked.timer);
    if (fault === undefined) asked.resolve(result as never);
    else asked.reject(new ChannelFault(fault));
  }

  private async answer(id: number | undefined, kind: string, payload: unknown): Promise<void> {
    const handler = this.handlers.get(kind);
    try {
      if (handler === undefined) throw new Error(`nobody answers "${kind}" here`);
      const result = await handler(payload);
      if (id !== undefined) this.port.send({ to: id, result });
    } catch (error) {
      if (id !== undefined) this.port.send({ to: id, fault: (error as Error).message });
    }
  }
}

const gone = (): ChannelFault => new ChannelFault('the other process has ended');
