import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { verifyTree } from '../../src/journal/verify.js';
import { atEnd } from '../support/clean-up.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const CHILD = fileURLToPath(new URL('../support/log-child.mjs', import.meta.url));
const STARTS = Number(process.env['EQUAL_STARTS'] ?? 50);
/** A namespace of its own has the first process called 1, as a container has. */
const APART = ['--pid', '--fork', '--mount-proc', '--kill-child'];

function container(...parameters: string[]): { child: ChildProcess; said: () => string } {
  const child = spawn('unshare', [...APART, process.execPath, CHILD, ...parameters], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  atEnd(() => child.kill('SIGKILL'));
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  return { child, said: () => said };
}

describe.skipIf(spawnSync('unshare', [...APART, 'true']).status !== 0)(
  'two containers with one host name, one process number and one record folder (skipped without namespaces)',
  () => {
    it(`lose nothing to each other: one writes, the other starts ${STARTS} times`, async () => {
      const folder = temporaryFolder();
      const writer = container('write', folder);
      await once(writer.child.stdout!, 'data');
      const starter = container('start', folder, String(STARTS));
      await once(starter.child, 'close');
      writer.child.stdin!.end();
      await once(writer.child, 'close');

      const written = Number(writer.said().trim().split('\n').at(-1));
      expect(starter.said().trim()).toBe(String(STARTS));
      expect(written).toBeGreaterThan(0);
      expect(await verifyTree(folder)).toMatchObject({
        records: written + STARTS,
        torn: 0,
        duplicates: 0,
        quarantined: 0,
      });
    });
  },
);
