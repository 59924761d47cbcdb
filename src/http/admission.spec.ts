import { ReturnLine } from '../errors/return-line.js';
import { Admission, SMALL_BYTES, type Ticket } from './admission.js';
import type { Backlog, Queue } from './queue.js';
import { RetryAfter } from './retry-after.js';

const MIB = 1_048_576;

class FakeBacklog implements Backlog {
  waiting = 0;
  asked: number[] = [];

  seconds(bytes: number): number {
    this.asked.push(bytes);
    return this.waiting;
  }
}

const newTicket = (): Ticket => ({ body: 0, reply: 0 });

function setUp(budget = 128 * MIB) {
  const backlog = new FakeBacklog();
  const admission = new Admission(budget, backlog, () => 0, new RetryAfter(() => 0.5));
  const enter = (bytes: number): Ticket | undefined => {
    const ticket = newTicket();
    return admission.grow(ticket, bytes) === undefined ? ticket : undefined;
  };
  return { backlog, admission, enter };
}

describe(Admission.name, () => {
  describe('memory', () => {
    it('holds nothing in the beginning', () => {
      const { admission } = setUp();

      expect(admission.held).toBe(0);
      expect(admission.requests).toEqual({ small: 0, large: 0 });
      expect(admission.refused).toEqual({ memory: 0, wait: 0, late: 0 });
    });

    it('takes large bodies until the budget is used, and again when one has ended', () => {
      const { admission, enter } = setUp();
      const first = enter(15 * MIB)!;
      expect(enter(15 * MIB)).toBeDefined();
      expect(enter(15 * MIB)).toBeUndefined();
      expect(admission.refused).toEqual({ memory: 1, wait: 0, late: 0 });

      admission.end(first);

      expect(enter(15 * MIB)).toBeDefined();
      expect(admission.held).toBeLessThanOrEqual(admission.budget);
    });

    it('takes a body alone, even if it is larger than the budget', () => {
      const { admission, enter } = setUp(8 * MIB);
      const ticket = enter(16 * MIB)!;
      expect(ticket).toBeDefined();
      expect(enter(70_000)).toBeUndefined();

      admission.end(ticket);

      expect(enter(70_000)).toBeDefined();
    });

    it('takes small calls while large ones hold all that they may', () => {
      const { admission, enter } = setUp(8 * MIB);
      enter(16 * MIB);

      for (let call = 0; call < 5; call++) expect(admission.enterSmall(SMALL_BYTES)).toBeUndefined();
      expect(admission.requests).toEqual({ small: 5, large: 1 });
    });

    it('refuses small calls beyond the whole budget', () => {
      const { admission } = setUp(8 * MIB);
      let taken = 0;
      while (admission.enterSmall(SMALL_BYTES) === undefined) taken++;

      expect(admission.held).toBeLessThanOrEqual(8 * MIB);
      expect(admission.held).toBeGreaterThan(7.5 * MIB);
      for (; taken > 0; taken--) admission.leaveSmall(SMALL_BYTES);
      expect(admission.held).toBe(0);
    });

    it('keeps the share of the small from the large, and counts what the small hold beyond it', () => {
      const { admission, enter } = setUp(8 * MIB);
      enter(70_000);
      for (let call = 0; call < 40; call++) admission.enterSmall(SMALL_BYTES);

      expect(enter(MIB)).toBeUndefined();
      for (let call = 0; call < 40; call++) admission.leaveSmall(SMALL_BYTES);
      expect(enter(MIB)).toBeDefined();
      expect(enter(1.3 * MIB)).toBeUndefined();
    });

    it('lets a body of unknown length grow until the budget is used', () => {
      const { admission, enter } = setUp();
      enter(10 * MIB);
      const growing = enter(0)!;
      while (admission.grow(growing, MIB) === undefined);

      expect(admission.held).toBeLessThanOrEqual(admission.budget);
      expect(growing.body / MIB).toBeGreaterThan(10);
      admission.end(growing);
      expect(admission.requests.large).toBe(1);
    });

    it('counts a reply until it has been sent', () => {
      const { admission, enter } = setUp();
      const ticket = enter(10 * MIB)!;
      admission.reply(ticket, MIB);
      expect(admission.held).toBeCloseTo(MIB, -5);

      admission.end(ticket);
      admission.end(ticket);

      expect(admission.held).toBe(0);
    });
  });

  describe('time', () => {
    it.each([
      ['a small body', 300, 0.5],
      ['a body of 64 KiB', SMALL_BYTES, 0.5],
      ['1 MiB', MIB, 5],
      ['16 MiB', 16 * MIB, 10],
    ])('lets %s wait for so long and no longer', (_, bytes, seconds) => {
      const { admission, backlog } = setUp();
      backlog.waiting = seconds;
      expect(admission.refuseWait(bytes, 30, null)).toBeUndefined();
      backlog.waiting = seconds + 0.1;

      expect(admission.refuseWait(bytes, 30, null)).toEqual({
        reason: 'wait',
        retryAfter: Math.ceil(seconds + 0.1),
      });
      expect(admission.refused).toEqual({ memory: 0, wait: 1, late: 0 });
      expect(backlog.asked).toEqual([bytes, bytes]);
    });

    const queue = (waiting: number, more: Partial<Queue> = {}): Queue => ({
      seconds: () => waiting,
      secondsPerRow: 0.02,
      sensibleWait: 0.5,
      ...more,
    });

    it.each([
      ['waits for its model no longer than is left', 0.3, 0.5, false],
      ['would be answered too late', 0.39, 0.5, true],
      ['has a deadline that its own run alone is too long for, and nobody before it', 0, 0.01, false],
      ['waits for its model longer than is sensible', 0.6, 30, true],
    ])('looks at the queue of a model: a call that %s', (_, waiting, left, isRefused) => {
      const { admission, backlog } = setUp();
      backlog.waiting = 100;

      expect(admission.refuseWait(300, left, queue(waiting)) !== undefined).toBe(isRefused);
      expect(admission.refused.wait).toBe(Number(isRefused));
    });

    it('lets calls of a slow model wait for as long as a few of its runs take', () => {
      const { admission } = setUp();

      expect(
        admission.refuseWait(300, 30, queue(15, { secondsPerRow: 2, sensibleWait: 16 })),
      ).toBeUndefined();
      expect(admission.refuseWait(300, 20, queue(15, { secondsPerRow: 2, sensibleWait: 16 }))).toBeDefined();
    });

    it('has the refused of a model that has a line of its own stand in that one', () => {
      const { admission } = setUp();
      const line = new ReturnLine(() => 0.5);
      const times = Array.from(
        { length: 3 },
        () =>
          admission.refuseWait(300, 30, queue(5, { secondsPerRow: 2, sensibleWait: 4, line }))?.retryAfter,
      );

      expect(times).toEqual([7, 9, 11]);
      expect(admission.refuseWait(300, 1, queue(5))?.retryAfter).toBe(5);
    });
  });
});
