import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { Pax } from 'tar/pax';
import { ARTIFACTS } from '../../test/support/artifacts.js';
import { type Entry, entryOf, tarOf } from '../../test/support/tar.js';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import type { ArchiveLimits } from './archive-bytes.js';
import { listModels } from './artifact-store.js';
import { sameFiles } from './content-digest.js';
import { receiveArchive } from './receive-archive.js';
import type { Upload } from './upload.js';

const LIMITS = { maxBytes: 16_777_216, maxEntries: 1_000, stallMs: 60_000, timeoutMs: 60_000 };
/** Of the file behind it, 11 kB. */
const ATTRIBUTES: Entry = {
  name: 'x',
  type: 'ExtendedHeader',
  body: new Pax({ comment: 'x'.repeat(11_000) }).encodeBody(),
};
const IRIS = join(ARTIFACTS, 'iris', '1');

/** Sends `bytes` in pieces of `size`. */
const sent = (bytes: Buffer, size = 65_536): Readable =>
  Readable.from(
    (function* () {
      for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
    })(),
  );
const receive = (
  tar: Buffer,
  limits: Partial<ArchiveLimits> = {},
  root = temporaryFolder(),
): Promise<Upload> => receiveArchive(sent(tar), root, { ...LIMITS, ...limits });

/** @returns what the refusal says, once it is certain that nothing was left. */
async function refusal(source: Buffer | Readable, limits: Partial<ArchiveLimits> = {}): Promise<Error> {
  const root = temporaryFolder();
  const upload = receiveArchive(Buffer.isBuffer(source) ? sent(source) : source, root, {
    ...LIMITS,
    ...limits,
  });
  const error = await upload.then(
    () => expect.unreachable('the archive was taken'),
    (error: Error) => error,
  );
  expect(readdirSync(join(root, '.uploads'))).toEqual([]);
  return error;
}

function systemTar(...options: string[]): Buffer {
  const { stdout, stderr, status } = spawnSync('tar', ['-cf', '-', ...options], { maxBuffer: 2 ** 26 });
  expect([status, stderr.toString()]).toEqual([0, '']);
  return stdout;
}

describe('an archive that is taken', () => {
  it.each([
    ['a dot', ['-C', IRIS, '.']],
    ['names', ['-C', IRIS, ...readdirSync(IRIS)]],
    ['one folder', ['-C', join(ARTIFACTS, 'iris'), '1']],
    ['one folder behind a dot', ['-C', join(ARTIFACTS, 'iris'), './1']],
    ['the old format', ['--format=v7', '-C', IRIS, '.']],
    ['ustar', ['--format=ustar', '-C', IRIS, '.']],
    ['GNU', ['--format=gnu', '-C', IRIS, '.']],
    ['pax', ['--format=pax', '-C', IRIS, '.']],
    ['gzip', ['-z', '-C', IRIS, '.']],
  ])('has the same files afterwards: tar of %s', async (_, options) => {
    const { folder } = await receive(systemTar(...options));

    expect(await sameFiles(folder, IRIS)).toBe(true);
  });

  it('may come a byte at a time', async () => {
    const tar = tarOf([
      { name: `pax:${'a/'.repeat(5)}${'b'.repeat(200)}`, body: 'x' },
      { name: 'c', body: 'y' },
    ]);
    const { folder } = await receiveArchive(sent(tar, 1), temporaryFolder(), LIMITS);

    expect(readFileSync(join(folder, 'c'), 'utf8')).toBe('y');
    const zipped = await receiveArchive(sent(gzipSync(tar), 1), temporaryFolder(), LIMITS);

    expect(await sameFiles(zipped.folder, folder)).toBe(true);
  });

  it.each(['pax', 'gnu'])('may have names too long for a header (%s)', async (form) => {
    const long = `plots/${'n'.repeat(200)}.svg`;
    const { folder } = await receive(tarOf([{ name: `${form}:${long}`, body: 'x' }, { name: 'model.onnx' }]));

    expect(readFileSync(join(folder, long), 'utf8')).toBe('x');
    expect(existsSync(join(folder, 'short'))).toBe(false);
  });

  it('has files for owner and group alone, whatever the tar and the process say', async () => {
    const mask = process.umask(0o077);
    try {
      const { folder } = await receive(systemTar('--mode=0777', '-C', IRIS, '.'));
      const mode = (path: string): string => (statSync(join(folder, path)).mode & 0o7777).toString(8);

      expect([mode(''), mode('plots'), mode('model.onnx')]).toEqual(['750', '750', '640']);
    } finally {
      process.umask(mask);
    }
  });

  it('is no model to those who list them, nor are its files', async () => {
    const root = temporaryFolder();
    cpSync(join(ARTIFACTS, 'iris'), join(root, 'iris'), { recursive: true });
    await receive(systemTar('-C', IRIS, '.'), {}, root);

    expect((await listModels(root)).map(({ name }) => name)).toEqual(['iris']);
  });

  it('is written as it comes: what has arrived is on the disk, what has not is not waited for in memory', async () => {
    const root = temporaryFolder();
    const source = new PassThrough();
    const upload = receiveArchive(source, root, LIMITS);
    const tar = tarOf([{ name: 'model.onnx', body: Buffer.alloc(4_194_304, 1) }]);
    source.write(tar.subarray(0, 2_097_152));
    const written = (): number => {
      const [path] = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) =>
        name.endsWith('.onnx'),
      );
      return path === undefined ? 0 : statSync(join(root, path)).size;
    };
    while (written() < 2_097_152 - 512) await setImmediate();
    source.end(tar.subarray(2_097_152));

    expect(statSync(join((await upload).folder, 'model.onnx')).size).toBe(4_194_304);
  });
});

describe('an archive that is refused', () => {
  it.each([
    ['../evil', 'leads out of the folder'],
    ['/etc/evil', 'has an absolute name'],
    ['pax:../../evil', 'leads out of the folder'],
    ['gnu:/etc/evil', 'has an absolute name'],
    ['pax:a\\b', 'not every disk'],
  ])('for the name %j, and says what would be taken', async (name, what) => {
    const error = await refusal(tarOf([{ name: 'manifest.json' }, { name, body: 'x' }]));

    expect(error).toMatchObject({ code: 'invalid_archive' });
    expect(error.message).toContain(what);
    expect(error.message).toMatch(/; (make it|use letters)/);
  });

  it.each([
    'SymbolicLink',
    'Link',
    'CharacterDevice',
    'BlockDevice',
    'FIFO',
    'ContiguousFile',
    'SparseFile',
  ] as const)('for an entry that is a %s', async (type) => {
    const error = await refusal(tarOf([{ name: 'model.onnx', type, linkpath: '/etc/passwd' }]));

    expect(error.message).toBe(
      `the archive's entry "model.onnx" is neither a file nor a folder (${type}); tar -h puts in files where the folder has links`,
    );
  });

  it('for a link, then a file through it', async () => {
    const link = { name: 'plots', type: 'SymbolicLink', linkpath: '/tmp' } as const;

    expect((await refusal(tarOf([link, { name: 'plots/evil', body: 'x' }]))).message).toContain(
      '(SymbolicLink)',
    );
  });

  it.each([
    ['nothing', Buffer.of(), 'the archive is cut off: it ends within a header'],
    ['one byte', Buffer.of(0x1f), 'the archive is cut off'],
    ['no file', tarOf([{ name: 'plots/', type: 'Directory' }]), 'the archive holds no file'],
    ['an end mark alone', tarOf([]), 'the archive holds no file'],
    ['JSON', Buffer.from('{"model": 1}'.repeat(100)), 'the archive is no tar, or is damaged'],
    ['a zip', Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(2_000, 7)]), 'the archive is no tar'],
    ['no end mark', tarOf([{ name: 'a' }], Buffer.of()), 'or lacks its end mark'],
    ['a cut file', tarOf([{ name: 'a', body: 'x'.repeat(2_000) }]).subarray(0, 1_500), 'it ends within "a"'],
    ['two tars', Buffer.concat([tarOf([{ name: 'a' }]), tarOf([{ name: 'b' }])]), 'behind the end mark'],
    ['no size', withSize(Buffer.alloc(12, 'x')), 'the archive\'s entry "a" has no size'],
    ['a size below 0', withSize(Buffer.alloc(12, 0xff)), 'has no size'],
    [
      'a size beyond numbers',
      withSize(Buffer.from([0x80, ...Array<number>(11).fill(0xff)])),
      'no tar, or is damaged',
    ],
    ['a name of 17 kB', tarOf([{ name: `pax:${'a'.repeat(17_000)}` }]), 'longer names or more attributes'],
    [
      'attributes of 1.1 MB',
      tarOf(Array.from({ length: 100 }, (_, n) => [ATTRIBUTES, { name: `f${n}` }]).flat()),
      'longer names or more attributes',
    ],
    [
      'headers without end',
      tarOf(
        Array.from({ length: 9 }, () => ({ name: 'x', type: 'ExtendedHeader', body: '9 a=b\n' }) as const),
      ),
      'longer names or more attributes',
    ],
    [
      'a name for all files',
      tarOf([{ name: 'x', type: 'GlobalExtendedHeader', body: '10 path=a\n' }, { name: 'b' }]),
      'the archive has a header (GlobalExtendedHeader) that no version needs',
    ],
  ])('for having %s', async (_, tar, what) => {
    const error = await refusal(tar);

    expect(error).toMatchObject({ code: 'invalid_archive' });
    expect(error.message).toContain(what);
  });

  it('for one entry too many', async () => {
    const files = Array.from({ length: 10_000 }, (_, n) => ({ name: `f${n}` }));

    expect((await refusal(tarOf(files))).message).toMatch(/^the archive has more than 1000 entries; /);
  });

  it.each([
    ['changed', (zipped: Buffer) => zipped.fill(0, 40, 60)],
    ['cut off', (zipped: Buffer) => zipped.subarray(0, -20)],
  ])('for a gzip that is %s', async (_, damage) => {
    const error = await refusal(damage(gzipSync(systemTar('-C', IRIS, '.'))));

    expect(error).toMatchObject({ code: 'invalid_archive' });
  });
});

describe('an archive that is too large', () => {
  const tooLarge = { code: 'archive_too_large' };

  it('is cut off at the limit', async () => {
    const fits = tarOf([{ name: 'a', body: Buffer.alloc(100_000 - 32) }]);
    await receive(fits, { maxBytes: fits.length });

    expect(await refusal(fits, { maxBytes: fits.length - 1 })).toMatchObject(tooLarge);
  });

  it('is refused by what its header says, before the bytes', async () => {
    const source = new PassThrough();
    source.write(entryOf({ name: 'model.onnx', size: 1e9 }));

    expect(await refusal(source)).toMatchObject(tooLarge);
  });

  it('unpacked is cut off where it passes the limit: of a bomb of 10 GB no more is unpacked', async () => {
    const zeros = gzipSync(Buffer.alloc(2 ** 26));
    let members = 0;
    const bomb = Readable.from(
      (function* () {
        yield gzipSync(entryOf({ name: 'a', size: 16_777_215 }).subarray(0, 512));
        for (; members < 150; members++) yield zeros;
      })(),
      { highWaterMark: 1 },
    );

    expect(await refusal(bomb)).toMatchObject(tooLarge);
    expect(members).toBeLessThan(10);
  });

  it('packed is cut off too: a gzip that takes bytes and gives none', async () => {
    // Stored blocks without content, that are not the last one.
    const empty = Buffer.alloc(5 * 200_000, Buffer.of(0, 0, 0, 0xff, 0xff));
    const gzip = Buffer.concat([gzipSync('').subarray(0, 10), empty, deflateRawSync('')]);

    expect(await refusal(gzip, { maxBytes: 500_000 })).toMatchObject(tooLarge);
  });
});

describe('an upload that does not come to its end', () => {
  const half = tarOf([{ name: 'model.onnx', body: Buffer.alloc(100_000) }]).subarray(0, 50_000);

  it('leaves nothing when the client hangs up', async () => {
    const source = new PassThrough();
    source.write(half);
    source.destroy(new Error('aborted'));

    expect(await refusal(source)).toMatchObject({ code: 'client_gone' });
  });

  it('leaves nothing when the client stalls, and leaves the connection for the answer', async () => {
    const source = new PassThrough();
    source.write(half);

    expect(await refusal(source, { stallMs: 50 })).toMatchObject({ code: 'request_timeout' });
    expect(source.destroyed).toBe(false);
  });

  it('leaves nothing when it takes too long as a whole, though bytes keep coming', async () => {
    const source = Readable.from(
      (async function* () {
        yield half;
        for (;;) {
          await setImmediate();
          yield Buffer.alloc(1);
        }
      })(),
    );

    expect(await refusal(source, { timeoutMs: 100 })).toMatchObject({ code: 'request_timeout' });
  });
});

/** A tar whose one file has these bytes for its size. */
function withSize(size: Buffer): Buffer {
  const tar = tarOf([{ name: 'a' }]);
  size.copy(tar, 124);
  tar.fill(' ', 148, 156);
  const sum = tar.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return tar;
}
