import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

type Call = (...parameters: unknown[]) => unknown;

const NAMES = [
  'openSync',
  'closeSync',
  'writeSync',
  'ftruncateSync',
  'fstatSync',
  'mkdirSync',
  'writeFileSync',
  'renameSync',
  'rmSync',
  'rmdirSync',
  'readdirSync',
];

/** What became of a run in which one call of the file system failed. */
export interface FailedCall {
  /** Which call it was; undefined: there were fewer. */
  name: string | undefined;
}

/**
 * Has the `number`-th synchronous call of the file system in this process fail, from now until `end`. A write is
 * short, and the next one fails. @returns which call it was, when it has happened.
 */
export function failCall(number: number, code: string): FailedCall & { end: () => void } {
  const failed: FailedCall = { name: undefined };
  const calls = fs as unknown as Record<string, Call>;
  let made = 0;
  let isShort = false;
  const undo = NAMES.map((name) => {
    const original = calls[name]!;
    calls[name] = (...parameters) => {
      // What goes on after a short write fails.
      if (!(isShort && name === 'writeSync')) {
        made++;
        if (made !== number) return original(...parameters);
        failed.name = name;
      }
      const [fd, bytes, offset] = parameters as [number, Buffer, number];
      isShort = name === 'writeSync' && !isShort;
      if (isShort) return original(fd, bytes, offset, Math.floor((bytes.length - offset) / 2));
      // A descriptor is gone also where closing it fails.
      if (name === 'closeSync') original(fd);
      throw Object.assign(new Error(`${code}: made up, ${name}`), { code });
    };
    return () => void (calls[name] = original);
  });
  syncBuiltinESMExports();
  const end = (): void => {
    for (const each of undo) each();
    syncBuiltinESMExports();
  };
  return Object.assign(failed, { end });
}
