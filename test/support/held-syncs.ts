import promises from 'node:fs/promises';

/** A disk that stands still: `datasync` of this process waits until `release`. */
export interface HeldSyncs {
  /** Syncs that were asked for. */
  count: number;
  /** Resolves when one waits. */
  readonly waits: () => Promise<void>;
  readonly release: () => void;
}

/** Has every `datasync` wait from now on. */
export async function holdSyncs(): Promise<HeldSyncs> {
  const handle = await promises.open('/dev/null');
  const prototype = Object.getPrototypeOf(handle) as { datasync: () => Promise<void> };
  await handle.close();
  const { datasync } = prototype;
  let go: () => void = () => undefined;
  const released = new Promise<void>((resolve) => (go = resolve));
  let tell: () => void = () => undefined;
  const waiting = new Promise<void>((resolve) => (tell = resolve));
  const held: HeldSyncs = {
    count: 0,
    waits: () => waiting,
    release: () => {
      prototype.datasync = datasync;
      go();
    },
  };
  prototype.datasync = async function (this: unknown) {
    held.count++;
    tell();
    await released;
    await datasync.call(this);
  };
  return held;
}
