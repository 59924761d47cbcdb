const NOBODY = 65_534;

/** Runs `work` as a user for whom the modes of files count: root may write to everything. */
export function withoutRoot<T>(work: () => T): T {
  if (process.getuid?.() !== 0) return work();
  process.seteuid!(NOBODY);
  try {
    return work();
  } finally {
    process.seteuid!(0);
  }
}
