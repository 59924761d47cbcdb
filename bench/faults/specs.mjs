// Faults that tests bring about: their specs are run, with as many rounds as are asked for.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../machine.mjs';

/**
 * A fault that `files` bring about. `env` says how often: it gets the options and gives variables that the specs read.
 * Where not one of them can be brought about on this machine, it is skipped; where some cannot, that is said.
 */
export const bySpecs = (what, bound, files, env = () => ({})) => ({
  what,
  bound,
  async run(options) {
    const report = join(options.folder, 'report.json');
    const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
    const child = spawn(
      process.execPath,
      [vitest, 'run', ...files, '--reporter=json', `--outputFile=${report}`],
      { cwd: ROOT, stdio: 'ignore', env: { ...process.env, ...env(options) } },
    );
    await once(child, 'close');
    const { testResults } = JSON.parse(readFileSync(report, 'utf8'));
    const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
    const ofStatus = (...statuses) => tests.filter(({ status }) => statuses.includes(status));
    const [passed, failed, skipped] = [
      ofStatus('passed'),
      ofStatus('failed'),
      ofStatus('skipped', 'pending', 'todo'),
    ];
    const unread = testResults.filter(({ status, message }) => status === 'failed' && message);
    const left =
      skipped.length > 0 ? `, not brought about here: ${new Set(skipped.map(nameOf)).size} kinds` : '';
    return {
      isSkipped: passed.length + failed.length === 0 && unread.length === 0,
      seen: `${passed.length} of ${passed.length + failed.length} tests passed${left}`,
      broken: [
        ...failed.map((test) => `${nameOf(test)} ${test.title}: ${test.failureMessages[0]?.split('\n')[0]}`),
        ...unread.map(({ name, message }) => `${name}: ${message.split('\n')[0]}`),
      ],
    };
  },
});

const nameOf = ({ ancestorTitles }) => ancestorTitles.join(' ');
