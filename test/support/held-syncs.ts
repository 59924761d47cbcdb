import promises from 'node:fs/promises';

/** A disk that stands still: `datasync` of this process waits until `release`. */
export interface HeldSyncs {
  /** Syncs that were asked for. */
  count: number;
  /** Resolves when one waits. */
  readonly waits: () => Promise<void>;
  readonly release: () => void;
  /** Has those that wait fail, and lets the others pass. */
  readonly fail: (error: Error) => void;
}

/** Has every `datasync` wait from now on. */
export async function holdSyncs(): Promise<HeldSyncs> {
  const handle = await promises.open('/dev/null');
  const prototype = Object.getPrototypeOf(handle) as { datasync: () => Promise<void> };
  await handle.close();
  const { datasync } = prototype;
  const released = Promise.withResolvers<void>();
  const waiting = Promise.withResolvers<void>();
  const held: HeldSyncs = {
    count: 0,
    waits: () => waiting.promise,
    release: () => {
      prototype.datasync = datasync;
      released.resolve();
    },
    fail: (error) => {
      prototype.datasync = datasync;
      released.reject(error);
    },
  };
  prototype.datasync = async function (this: unknown) {
    held.count++;
    waiting.resolve();
    await released.promise;
    await datasync.call(this);
  };
  return held;
}
