import { DeadlineExceeded } from '../errors/errors.js';

/** As `promise`, but no longer than until `deadline`, in milliseconds on the monotonic clock. @throws DeadlineExceeded then. */
export async function within<T>(deadline: number, promise: Promise<T>): Promise<T> {
  // Of callers without a deadline; the others have one that a timer can wait for.
  if (deadline === Infinity) return promise;
  const late = Promise.withResolvers<never>();
  const left = Math.max(0, deadline - performance.now());
  const timer = setTimeout(() => late.reject(new DeadlineExceeded()), left);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
