import fs from 'node:fs';
import promises, { type FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

type Call = (...parameters: unknown[]) => Promise<unknown>;

/** One call of the file system, before it is made. */
export interface FileCall {
  readonly name: string;
  /** Counts from 1. */
  readonly number: number;
  readonly parameters: readonly unknown[];
  /** The descriptor of an open file, where the call is one to it. */
  readonly fd: number | undefined;
  /** Writes the first half of what the call was to write; false for a call that writes nothing. */
  readonly half: () => boolean;
}

const FUNCTIONS = ['link', 'mkdir', 'open', 'readFile', 'readdir', 'rename', 'rm', 'stat', 'writeFile'];
const METHODS = ['close', 'datasync', 'read', 'stat', 'sync', 'truncate', 'write', 'writeFile'];

/**
 * Has `before` called before each asynchronous call of the file system in this process; it may throw instead of it.
 * @returns a function that ends it.
 */
export async function watchFileCalls(before: (call: FileCall) => void): Promise<() => void> {
  const handle = await promises.open('/dev/null');
  const prototype = Object.getPrototypeOf(handle) as object;
  await handle.close();
  let number = 0;
  const wrap = (owner: object, names: string[], prefix: string): (() => void)[] =>
    names.map((name) => {
      const calls = owner as Record<string, Call>;
      const original = calls[name]!;
      calls[name] = async function (this: unknown, ...parameters) {
        number++;
        const fd = owner === prototype ? (this as FileHandle).fd : undefined;
        const half = (): boolean => writeHalf(this, name, parameters);
        before({ name: prefix + name, number, parameters, fd, half });
        return original.apply(this, parameters);
      };
      return () => void (calls[name] = original);
    });
  const undo = [...wrap(promises, FUNCTIONS, ''), ...wrap(prototype, METHODS, 'handle.')];
  syncBuiltinESMExports();
  return () => {
    for (const each of undo) each();
    syncBuiltinESMExports();
  };
}

function writeHalf(self: unknown, name: string, parameters: unknown[]): boolean {
  if (name === 'writeFile') {
    const isHandle = typeof parameters[0] === 'string' && parameters.length === 1;
    const text = String(parameters[isHandle ? 0 : 1]);
    const half = text.slice(0, text.length / 2);
    if (isHandle) fs.writeSync((self as FileHandle).fd, half);
    else fs.writeFileSync(parameters[0] as string, half, { flag: 'wx' });
    return true;
  }
  if (name !== 'write') return false;
  const [bytes, offset, length, position] = parameters as [Buffer, number, number, number];
  fs.writeSync((self as FileHandle).fd, bytes, offset, Math.floor(length / 2), position);
  return true;
}
