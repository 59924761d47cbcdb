import { once } from 'node:events';
import { ModelAliases } from '../../src/artifacts/aliases.js';
import type { AliasChange } from '../../src/artifacts/alias-change.js';
import { watchFileCalls } from './file-calls.js';

/** What a child process is to do: one change or rollback after another, and where it is to die. */
export interface Plan {
  readonly folder: string;
  readonly changes: readonly (AliasChange | 'rollback')[];
  /** SIGKILL in place of this call of the file system. */
  readonly killAt?: number;
  /** SIGKILL within this call, which writes the first half; a call that writes nothing goes on. */
  readonly killWithin?: number;
  /** File systems without links. */
  readonly withoutLinks?: boolean;
}

const plan = JSON.parse(process.argv[2]!) as Plan;
const aliases = new ModelAliases(plan.folder);

process.stdout.write('ready\n');
await once(process.stdin, 'data');
const calls: string[] = [];
await watchFileCalls(({ name, number, half }) => {
  calls.push(name);
  if (number === plan.killAt || (number === plan.killWithin && half())) process.kill(process.pid, 'SIGKILL');
  if (plan.withoutLinks && name === 'link') throw Object.assign(new Error('no links'), { code: 'EPERM' });
});
for (const change of plan.changes) {
  try {
    const order = { who: 'ann', reason: 'back', expected: 'any' } as const;
    const { revision } = await (change === 'rollback' ? aliases.rollback(order) : aliases.change(change));
    process.stdout.write(`${JSON.stringify({ revision })}\n`);
  } catch (error) {
    const { code = 'unknown', message } = error as NodeJS.ErrnoException;
    process.stdout.write(`${JSON.stringify({ code, message })}\n`);
  }
}
process.stdout.write(`${JSON.stringify({ calls })}\n`);
process.stdin.destroy();
