import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { newId } from '../../src/observability/ids.js';
import { verifyTree } from '../../src/journal/verify.js';
import { nestor } from '../support/nestor.js';
import { openLog, record } from '../support/open-log.js';
import { recordFiles } from '../support/records.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const NESTOR = fileURLToPath(new URL('../../bin/nestor.js', import.meta.url));
const ROUNDS = Number(process.env['KILL_ROUNDS'] ?? 3);
const DAY = 'model=m/date=2025-01-02';
const FILES = 30;

/** Files of a past day, 200 records each. */
function tree(): string {
  const root = temporaryFolder();
  mkdirSync(join(root, DAY), { recursive: true });
  for (let n = 1; n <= FILES; n++) {
    const path = join(root, DAY, `h-1-${n}.ndjson`);
    const lines = Array.from({ length: 200 }, () => `{"prediction_id":"${newId()}","model":"m"}\n`);
    writeFileSync(path, lines.join(''));
    utimesSync(path, 1_736_000_000, 1_736_000_000);
  }
  return root;
}

describe('nestor log', () => {
  it('compress, verify and prune: what stood there, packed, counted and gone', async () => {
    const root = tree();

    expect(await nestor('log', 'compress', root)).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^packed 30 files: 0\.4 MB are now 0\.\d MB\n$/) as string,
      stderr: '',
    });
    expect(await nestor('log', 'verify', root)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^6000 records in 30 files\n/) as string,
    });
    const [, size] =
      /30 files, (.*)\n/.exec(
        (await nestor('log', 'prune', root, '--older-than', '180d', '--dry-run')).stdout,
      ) ?? [];
    expect(readdirSync(join(root, DAY))).toHaveLength(FILES);
    expect(await nestor('log', 'prune', root, '--older-than', '180d')).toEqual({
      code: 0,
      stdout: `removed model m, 2025-01-02: 30 files, ${size}\nremoved 1 days: 30 files, ${size}\n`,
      stderr: '',
    });
    expect(existsSync(join(root, DAY))).toBe(false);
    expect((await nestor('log', 'verify', root)).stdout).toMatch(/\n1 days removed by log prune\n$/);
  });

  it('erase and verify: what was taken away, what is still written to, and what somebody has changed', async () => {
    const { log, folder } = openLog();
    await log.open();
    const records = [{ inputs: { name: 'Ann' } }, { inputs: { name: 'Bob' } }];
    await record(log, 'm', records);
    const [path] = recordFiles(folder);
    const erase = ['log', 'erase', folder, '--where', 'name=Ann', '--by', 'kim'];
    expect(await nestor(...erase)).toEqual({
      code: 3,
      stdout: 'erased 0 records in 0 files\n',
      stderr: `nestor: kept ${path}: a server writes to it, or was killed and not started again\n`,
    });
    await log.onApplicationShutdown();
    expect(await nestor(...erase)).toEqual({ code: 0, stdout: 'erased 1 records in 1 files\n', stderr: '' });
    expect(readFileSync(path!, 'utf8')).toMatch(/^\{"erased":"[\w-]{43}","seq":1\}\n\{"prediction_id"/);
    expect(readFileSync(join(folder, 'erasures.ndjson'), 'utf8')).toMatch(/"where":"input name","by":"kim"/);
    expect(await nestor('log', 'verify', folder, '--head', log.head!)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /\n1 files sealed, 0 not yet, 0 from .*\n1 records erased\n0 files or seals/,
      ) as string,
    });

    writeFileSync(path!, readFileSync(path!, 'utf8').replace('Bob', 'Eve'));
    expect(await nestor('log', 'verify', folder, '--head', 'another')).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(
        /\n2 files or seals not as they were written\n {2}seals no line has the digest another: .*\n {2}model=m\/.*:2 is not as it was written\n/,
      ) as string,
    });
  });

  it('find: prints the record as it stands, packed too, and says where, or why there is none', async () => {
    const root = tree();
    const [first = ''] = readFileSync(join(root, DAY, 'h-1-30.ndjson'), 'utf8').split('\n');
    const { prediction_id: id } = JSON.parse(first) as { prediction_id: string };
    // The folder has another day than the id, as no clock made it.
    expect(await nestor('log', 'find', id, root)).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining(`no record below ${root} has the prediction_id ${id}`) as string,
    });
    const day = join(root, 'model=m', `date=${new Date().toISOString().slice(0, 10)}`);
    renameSync(join(root, DAY), day);
    const path = join(day, 'h-1-30.ndjson');
    expect(await nestor('log', 'find', id.toUpperCase(), root)).toEqual({
      code: 0,
      stdout: `${first}\n`,
      stderr: `nestor: it stands in ${path}\n`,
    });
    writeFileSync(`${path}.gz`, gzipSync(readFileSync(path)));
    rmSync(path);
    expect(await nestor('log', 'find', id, root)).toMatchObject({ code: 0, stdout: `${first}\n` });
  });

  it.each([
    ['log prune without an age', ['log', 'prune', temporaryFolder()], 2, /needs a number of days/],
    [
      'no whole number of days',
      ['log', 'prune', temporaryFolder(), '--older-than', '0d'],
      2,
      /such as --older-than 180d/,
    ],
    [
      'no folder',
      ['log', 'compress', join(temporaryFolder(), 'none')],
      2,
      /none is not a folder; give the PREDICTION_LOG_DIR/,
    ],
    [
      'log erase without a choice',
      ['log', 'erase', temporaryFolder()],
      2,
      /either --principal <name> or --where <input>=<value>/,
    ],
    [
      'no public key',
      ['log', 'verify', temporaryFolder(), '--public-key', NESTOR],
      2,
      /--public-key cannot be used: .* must hold public keys of Ed25519/,
    ],
    ['log find without an id', ['log', 'find'], 2, /is not a command, or lacks an option/],
    ['no such task', ['log', 'constructor', temporaryFolder()], 2, /is not a command/],
  ])('%s: says so', async (_what, command, code, reason) => {
    const said = await nestor(...command);

    expect(said).toMatchObject({ code, stdout: '' });
    expect(said.stderr).toMatch(reason);
  });

  it('takes the folder of a server with the same settings', async () => {
    const child = spawn(process.execPath, [NESTOR, 'log', 'verify', '--json'], {
      env: { ...process.env, PREDICTION_LOG_DIR: tree() },
      cwd: temporaryFolder(),
    });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    const [code] = (await once(child, 'close')) as [number];

    expect([code, JSON.parse(Buffer.concat(chunks).toString())]).toMatchObject([0, { records: 6000 }]);
  });

  it.each(Array.from({ length: ROUNDS }, (_, round) => round))(
    'compress killed while it works loses and doubles nothing, and ends the next time (round %i)',
    async (round) => {
      const root = tree();
      const child = spawn(process.execPath, [NESTOR, 'log', 'compress', root]);
      const killAt = 1 + ((round * 7) % (FILES - 1));
      while (readdirSync(join(root, DAY)).filter((name) => name.endsWith('.gz')).length < killAt)
        await new Promise((resolve) => setImmediate(resolve));
      child.kill('SIGKILL');
      await once(child, 'close');

      expect(await verifyTree(root)).toMatchObject({ records: 6000, torn: 0, duplicates: 0 });
      expect(await nestor('log', 'compress', root)).toMatchObject({ code: 0, stderr: '' });
      expect(readdirSync(root)).toEqual(['model=m']);
      expect(readdirSync(join(root, DAY)).filter((name) => !name.endsWith('.gz'))).toEqual([]);
      expect(await verifyTree(root)).toMatchObject({ records: 6000, torn: 0, duplicates: 0 });
    },
  );

  it.each(Array.from({ length: ROUNDS }, (_, round) => round))(
    'erase killed while it works takes nothing else away, and ends the next time (round %i)',
    async (round) => {
      const { log, folder } = openLog({ PREDICTION_LOG_FILE_BYTES: '8192' });
      await log.open();
      for (let n = 0; n < 30 * FILES; n++)
        await record(log, 'm', [{ inputs: { name: n % 3 === 0 ? 'Ann' : 'Bob' } }]);
      await log.onApplicationShutdown();
      const ledger = join(folder, 'erasures.ndjson');
      const erase = ['log', 'erase', folder, '--where', 'name=Ann', '--by', 'kim'];
      const child = spawn(process.execPath, [NESTOR, ...erase]);
      const killAt = 1 + ((round * 7) % 20);
      while (!existsSync(ledger) || readFileSync(ledger, 'utf8').split('\n').length <= killAt)
        await new Promise((resolve) => setImmediate(resolve));
      child.kill('SIGKILL');
      await once(child, 'close');

      // What stands in the ledger and was not taken away yet is a fault; all else is as it was.
      const between = await verifyTree(folder);
      expect(between.faults.map(({ what }) => what)).toEqual(
        between.faults.map(() => 'stands there, though the ledger has it as erased: run log erase again'),
      );
      expect(between).toMatchObject({ records: 30 * FILES - between.erased, torn: 0, duplicates: 0 });
      expect(await nestor(...erase)).toMatchObject({ code: 0, stderr: '' });
      expect(await verifyTree(folder)).toMatchObject({
        records: 20 * FILES,
        erased: 10 * FILES,
        torn: 0,
        duplicates: 0,
        faults: [],
      });
      // A lock of the killed one may lie there for a minute; of its copies none is left.
      for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
        const path = join(folder, name);
        if (statSync(path).isFile()) expect(readFileSync(path, 'latin1')).not.toContain('"Ann"');
      }
    },
  );
});
