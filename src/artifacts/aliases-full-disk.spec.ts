import { readdirSync } from 'node:fs';
import { watchFileCalls } from '../../test/support/file-calls.js';
import { aliasesIn, linesIn, modelFolder, to } from '../../test/support/model-folder.js';
import { MAY_MOUNT, smallDisk, takeSpace } from '../../test/support/tmpfs.js';
import { ModelAliases } from './aliases.js';

/** Calls that need space, or make something durable. */
const COSTS = /^(link|writeFile|rename|handle\.(write|writeFile|sync))$/;
const FILES = ['aliases.json', 'history.ndjson'];

/** Changes the champion while calls that cost space fail, as `fails` says by their number. */
async function changeWhile(
  folder: string,
  fails: (number: number) => boolean,
): Promise<{ calls: number; error: unknown }> {
  let calls = 0;
  const restore = await watchFileCalls(({ name, half }) => {
    if (!COSTS.test(name)) return;
    calls++;
    if (!fails(calls)) return;
    half();
    throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  });
  try {
    const error = await new ModelAliases(folder).change(to('3')).then(
      () => undefined,
      (error: unknown) => error,
    );
    return { calls, error };
  } finally {
    restore();
  }
}

describe('a disk that is full while the champion changes', () => {
  it.each([
    [
      'one call fails',
      (n: number) =>
        (number: number): boolean =>
          number === n,
    ],
    [
      'every call from one on fails',
      (n: number) =>
        (number: number): boolean =>
          number >= n,
    ],
  ])('leaves nothing half written: %s', async (_, failsFrom) => {
    const { calls } = await changeWhile(await modelFolder(['1', '2']), () => false);
    expect(calls).toBeGreaterThan(6);
    const champions: unknown[] = [];
    for (let n = 1; n <= calls; n++) {
      const folder = await modelFolder(['1', '2']);
      const { error } = await changeWhile(folder, failsFrom(n));
      const { champion } = aliasesIn(folder);
      champions.push(champion);

      expect(error).toMatchObject({ code: 'no_space' });
      expect(readdirSync(folder).toSorted()).toEqual(FILES);
      const aliases = new ModelAliases(folder);
      const { revision } = await aliases.read();
      expect(revision).toBe(champion === '3' ? 3 : 2);
      expect(await aliases.change(to('4', { expected: revision }))).toEqual({
        aliases: { champion: '4', previous: champion },
        revision: revision + 1,
      });
      expect(linesIn(folder).map(({ reason }) => reason)).toEqual([
        'to 1',
        'to 2',
        ...(champion === '3' ? ['to 3'] : []),
        'to 4',
      ]);
      expect(readdirSync(folder).toSorted()).toEqual(FILES);
    }
    // Once the new file has its name there is no way back: making that durable and ending the line is what is left.
    expect(champions).toEqual(champions.map((__, index) => (index < calls - 3 ? '2' : '3')));
  });
});

describe.skipIf(!MAY_MOUNT)('a real disk that is full', () => {
  it('is told, and once there is space again the change succeeds', async () => {
    const folder = smallDisk();
    const aliases = new ModelAliases(folder);
    await aliases.change(to('1'));
    const free = takeSpace(folder);
    const names = readdirSync(folder);

    await expect(aliases.change(to('2'))).rejects.toMatchObject({ code: 'no_space' });
    expect(readdirSync(folder)).toEqual(names);
    expect(await aliases.read()).toEqual({ aliases: { champion: '1' }, revision: 1, lastChampion: '1' });
    free();
    expect(await aliases.change(to('2', { expected: 1 }))).toMatchObject({ revision: 2 });
    expect(linesIn(folder).length).toBe(2);
  });
});
