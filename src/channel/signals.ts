import { isatty } from 'node:tty';

/** What a signal asks a process for. */
export type Asked = 'end' | 'reload';
export type SignalListener = (asked: Asked, signal: NodeJS.Signals) => void;

/**
 * Has `listener` hear SIGTERM and SIGINT as the wish to end, and SIGHUP as the wish for new workers; but where there is a
 * terminal, SIGHUP says that it has gone, and the server with it.
 */
export function onSignals(listener: SignalListener): void {
  // Asked now: a terminal that has gone is none any more.
  const hasTerminal = isatty(0) || isatty(1);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => listener('end', signal));
  process.on('SIGHUP', () => listener(hasTerminal ? 'end' : 'reload', 'SIGHUP'));
}
