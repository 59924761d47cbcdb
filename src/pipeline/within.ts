import { DeadlineExceeded } from '../errors/errors.js';

/** What a timer of Node can wait for. */
const LONGEST_MS = 2 ** 31 - 1;

/** As `promise`, but no longer than until `deadline`, in milliseconds on the monotonic clock. @throws DeadlineExceeded then. */
export async function within<T>(deadline: number, promise: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const left = Math.min(Math.max(0, deadline - performance.now()), LONGEST_MS);
  const timer = setTimeout(() => late.reject(new DeadlineExceeded()), left);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
