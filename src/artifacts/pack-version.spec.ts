import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { ARTIFACTS, copyTurnover, sha256 } from '../../test/support/artifacts.js';
import { temporaryFolder } from '../../test/support/temporary-folder.js';
import { contentDigest, sameFiles } from './content-digest.js';
import { packVersion } from './pack-version.js';
import { receiveArchive } from './receive-archive.js';
import { VersionFolder } from './version-folder.js';

const LIMITS = { maxBytes: 16_777_216, maxEntries: 1_000, stallMs: 60_000, timeoutMs: 60_000 };
const LONG = `plots/${'long-'.repeat(30)}name.svg`;

/** The same files each time, made in the given order. */
function fixture(names = ['SHA256SUMS', 'b.txt', LONG, 'a/c.txt', 'a.txt', 'empty']): string {
  const folder = temporaryFolder();
  for (const name of names) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), name === 'empty' ? '' : name.repeat(100));
  }
  return folder;
}

const packed = async (folder: string): Promise<Buffer> => buffer((await packVersion(folder)).tar);

describe('a packed version', () => {
  it('has the same bytes on every machine', async () => {
    expect(sha256(await packed(fixture()))).toBe(
      'cb2ef44066def7c6c53453c58d2a9479b4b47605fe3a5ce282def18f6975094c',
    );
  });

  it('has the same bytes whatever the order, times and modes of its files', async () => {
    const other = fixture(['empty', 'a.txt', 'a/c.txt', LONG, 'b.txt', 'SHA256SUMS']);
    utimesSync(join(other, 'b.txt'), 1, 1);
    chmodSync(join(other, 'a.txt'), 0o600);
    mkdirSync(join(other, 'nothing'));

    expect(await packed(other)).toEqual(await packed(fixture()));
  });

  it('is as long as it says', async () => {
    const { bytes, tar } = await packVersion(fixture());

    expect((await buffer(tar)).length).toBe(bytes);
  });

  it('is what tar unpacks', async () => {
    const folder = temporaryFolder();
    const { stderr } = spawnSync('tar', ['-xf', '-', '-C', folder], { input: await packed(fixture()) });

    expect(stderr.toString()).toBe('');
    expect(await sameFiles(folder, fixture())).toBe(true);
  });

  it.each(readdirSync(ARTIFACTS))('is what a push takes, and packed again the same: %s', async (model) => {
    const tar = await packed(join(ARTIFACTS, model, '1'));
    const { folder } = await receiveArchive(Readable.from([tar]), temporaryFolder(), LIMITS);

    expect(await sameFiles(folder, join(ARTIFACTS, model, '1'))).toBe(true);
    expect(sha256(await packed(folder))).toBe(sha256(tar));
  });

  it('is refused over a link', async () => {
    const folder = fixture();
    symlinkSync('/etc/passwd', join(folder, 'link'));

    await expect(packVersion(folder)).rejects.toThrow(
      'link is neither a file nor a folder (links are refused)',
    );
  });

  it.each(['grew', ''])('fails, not ends, where a file has changed under it (now "%s")', async (text) => {
    const folder = fixture();
    const { tar } = await packVersion(folder);
    writeFileSync(join(folder, 'b.txt'), text.repeat(1_000));

    await expect(buffer(tar)).rejects.toThrow('b.txt changed while it was packed');
  });
});

describe('the digest of a version', () => {
  it('is what sha256sum says of its files in order of their names, hashed', async () => {
    const folder = join(ARTIFACTS, 'iris', '1');
    const names = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1));
    const { stdout } = spawnSync('sha256sum', names.toSorted(), { cwd: folder });

    expect((await VersionFolder.open(folder)).contentDigest).toBe(
      createHash('sha256').update(stdout).digest('hex'),
    );
  });

  it('does not know the order of its files, but every byte and name', () => {
    const digest = (...files: [string, string][]): string => contentDigest(new Map(files));

    expect(digest(['a', '1'], ['b', '2'])).toBe(digest(['b', '2'], ['a', '1']));
    expect(digest(['a', '1'], ['b', '2'])).not.toBe(digest(['a', '2'], ['b', '1']));
  });

  it('differs where folders do', async () => {
    const [one, other] = [copyTurnover(), copyTurnover()];

    expect(await sameFiles(one.folder, other.folder)).toBe(true);
    other.damage('card.md');

    expect(await sameFiles(one.folder, other.folder)).toBe(false);
    rmSync(join(one.folder, 'card.md'));

    expect(await sameFiles(one.folder, other.folder)).toBe(false);
  });
});

describe('a version folder anywhere', () => {
  it('is known by its manifest', async () => {
    const folder = join(temporaryFolder(), 'whatever');
    cpSync(join(ARTIFACTS, 'iris', '1'), folder, { recursive: true });
    const { manifest } = await VersionFolder.open(folder);

    expect([manifest.model, manifest.version]).toEqual(['iris', '1']);
  });
});
