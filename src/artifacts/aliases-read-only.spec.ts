import { spawnSync } from 'node:child_process';
import { chmodSync, readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { watchFileCalls } from '../../test/support/file-calls.js';
import { modelFolder, to } from '../../test/support/model-folder.js';
import { MAY_MOUNT, smallDisk } from '../../test/support/tmpfs.js';
import { ModelAliases } from './aliases.js';

const order = { who: null, reason: null, expected: 'any' } as const;

describe('a folder that cannot be written', () => {
  it('refuses every change and says what to do', async () => {
    const folder = await modelFolder(['1', '2']);
    chmodSync(dirname(folder), 0o755);
    chmodSync(folder, 0o555);
    const aliases = new ModelAliases(folder);
    const isRoot = process.getuid?.() === 0;
    // Root may write to everything.
    if (isRoot) process.seteuid!(65_534);
    try {
      const refusal = {
        code: 'read_only_models',
        message:
          'the folder of model "m" cannot be written (EACCES); let the server write to ARTIFACTS_DIR, or change the files where they come from',
      };
      await expect(aliases.change(to('3'))).rejects.toMatchObject(refusal);
      await expect(aliases.rollback(order)).rejects.toMatchObject(refusal);
      await expect(aliases.noteDeletion({ ...order, version: '9', sha256: '' })).rejects.toMatchObject(
        refusal,
      );
      expect(await aliases.read()).toMatchObject({ aliases: { champion: '2' }, revision: 2 });
    } finally {
      if (isRoot) process.seteuid!(0);
      // Else nobody but root could delete it.
      chmodSync(folder, 0o755);
    }
  });

  it('changes nothing by half where only the history may not be written', async () => {
    const folder = await modelFolder(['1']);
    const restore = await watchFileCalls(({ name, parameters }) => {
      if (name === 'open' && parameters[1] === 'r+')
        throw Object.assign(new Error('not yours'), { code: 'EACCES' });
    });
    try {
      await expect(new ModelAliases(folder).change(to('2'))).rejects.toMatchObject({
        code: 'read_only_models',
      });
    } finally {
      restore();
    }
    expect(await new ModelAliases(folder).read()).toMatchObject({ aliases: { champion: '1' }, revision: 1 });
    expect(readdirSync(folder).toSorted()).toEqual(['aliases.json', 'history.ndjson']);
  });
});

describe.skipIf(!MAY_MOUNT)('a file system that is mounted read-only', () => {
  it('refuses changes in the same way', async () => {
    const folder = smallDisk();
    const aliases = new ModelAliases(folder);
    await aliases.change(to('1'));
    spawnSync('mount', ['-o', 'remount,ro', folder]);

    await expect(aliases.change(to('2'))).rejects.toMatchObject({
      code: 'read_only_models',
      message: expect.stringContaining('(EROFS)') as string,
    });
    expect(await aliases.read()).toMatchObject({ aliases: { champion: '1' }, revision: 1 });
  });
});
