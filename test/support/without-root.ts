const NOBODY = 65_534;

/** Runs `work` as a user for whom the modes of files count: root may write to everything. */
export function withoutRoot<T>(work: () => T): T {
  if (process.getuid?.() !== 0) return work();
  process.seteuid!(NOBODY);
  const giveBack = (): void => process.seteuid!(0);
  let result: T;
  try {
    result = work();
  } catch (error) {
    giveBack();
    throw error;
  }
  if (result instanceof Promise) return result.finally(giveBack) as T;
  giveBack();
  return result;
}
