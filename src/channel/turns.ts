import { Injectable } from '@nestjs/common';
import { Siblings } from './siblings.js';

/** Work that only one of the workers does at a time, as a worker asks the primary for its turn. */
export interface Turn {
  readonly work: string;
  /** Names the turn among those of its worker. */
  readonly id: number;
}

/** By which messages a worker asks for a turn, and says that it is over. */
export const TURN = 'turn';
export const TURN_OVER = 'turn over';

/** Nobody waits longer; he then goes ahead. */
const PATIENCE_MS = 600_000;

/** Has work that takes much of the container be done by one worker at a time. */
@Injectable()
export class Turns {
  private last = 0;

  constructor(private readonly siblings: Siblings) {}

  /** Does work of this name when no other worker does; where this process is alone, at once. */
  async take<T>(work: string, does: () => Promise<T>): Promise<T> {
    const { primary } = this.siblings;
    if (primary === undefined) return does();
    const turn: Turn = { work, id: ++this.last };
    try {
      await primary.ask(TURN, turn, PATIENCE_MS).catch(() => undefined);
      return await does();
    } finally {
      primary.tell(TURN_OVER, turn);
    }
  }
}
