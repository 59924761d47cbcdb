import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { aliasesIn, linesIn, modelFolder, to } from '../../test/support/model-folder.js';
import { ModelAliases } from './aliases.js';

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string;
const order = { who: 'ann', reason: 'as asked', expected: 'any' } as const;
const file = { time, who: 'file', reason: 'found so in aliases.json', gate: null };
const write = (folder: string, text: string): void => writeFileSync(join(folder, 'aliases.json'), text);

describe('the aliases of a model', () => {
  it('are unknown without files', async () => {
    const aliases = new ModelAliases(await modelFolder());

    expect(await aliases.read()).toEqual({ revision: 0 });
    expect(await aliases.history(10)).toEqual([]);
  });

  it('are those of the file; an empty one means that there is no champion', async () => {
    const folder = await modelFolder();
    write(folder, '{"champion": "2", "shadow": "3"}');
    const aliases = new ModelAliases(folder);
    expect(await aliases.read()).toEqual({ aliases: { champion: '2', shadow: '3' }, revision: 0 });

    write(folder, '{}');
    expect(await aliases.read()).toEqual({ aliases: {}, revision: 0 });
  });

  it('may fill 64 KiB', async () => {
    const folder = await modelFolder();
    write(folder, '{"champion": "2"}'.padStart(65_536));
    const { aliases } = await new ModelAliases(folder).read();
    expect(aliases).toEqual({ champion: '2' });
  });

  it.each([
    ['{', 'aliases.json is not of the form {"champion": "1"}'],
    ['', 'aliases.json is not of the form {"champion": "1"}'],
    ['[]', 'aliases.json is not of the form {"champion": "1"}'],
    ['{"champion":2}', 'aliases.json is not of the form {"champion": "1"}'],
    ['{"champion":"../1"}', 'aliases.json is not of the form {"champion": "1"}'],
    [' '.repeat(65_537), 'aliases.json is larger than 65536 bytes'],
  ])(
    'have a fault where the file is broken, and the history knows the last champion: %#',
    async (text, fault) => {
      const folder = await modelFolder(['1', '2']);
      write(folder, text);

      expect(await new ModelAliases(folder).read()).toEqual({ fault, revision: 2, lastChampion: '2' });
    },
  );

  it('have a fault where the file cannot be read', async () => {
    const folder = await modelFolder();
    mkdirSync(join(folder, 'aliases.json'));

    const { fault } = await new ModelAliases(folder).read();
    expect(fault).toMatch(/^aliases\.json cannot be read: EISDIR/);
  });

  it('say of a history that cannot be read which file it is', async () => {
    const folder = await modelFolder();
    mkdirSync(join(folder, 'history.ndjson'));

    await expect(new ModelAliases(folder).read()).rejects.toThrow(/^history\.ndjson cannot be read: EISDIR/);
  });
});

describe('a change', () => {
  it('makes the files where there were none', async () => {
    const folder = await modelFolder();

    const changed = await new ModelAliases(folder).change(to('1', { expected: 0, gate: 'passed' }));

    expect(changed).toEqual({ aliases: { champion: '1' }, revision: 1 });
    expect(aliasesIn(folder)).toEqual({ champion: '1' });
    expect(linesIn(folder)).toEqual([
      { time, alias: 'champion', from: null, to: '1', who: 'ann', reason: 'to 1', gate: 'passed' },
    ]);
    expect(readdirSync(folder).toSorted()).toEqual(['aliases.json', 'history.ndjson']);
  });

  it('can say that there is no champion at all', async () => {
    const folder = await modelFolder();
    const aliases = new ModelAliases(folder);

    expect(await aliases.change(to(null))).toEqual({ aliases: {}, revision: 1 });
    expect(await aliases.read()).toEqual({ aliases: {}, revision: 1, lastChampion: null });
  });

  it('begins from the champion that answers without a file', async () => {
    const folder = await modelFolder();
    const aliases = new ModelAliases(folder);

    const changed = await aliases.change(to('1', { expected: 0, standing: '2' }));
    expect(changed).toEqual({ aliases: { champion: '1', previous: '2' }, revision: 1 });
    expect(linesIn(folder)).toMatchObject([{ from: '2', to: '1' }]);
  });

  it('of another alias does not take away the champion that answers without a file', async () => {
    const folder = await modelFolder();
    const aliases = new ModelAliases(folder);

    const changed = await aliases.change(to('3', { alias: 'shadow', expected: 0, standing: '2' }));
    expect(changed).toEqual({ aliases: { champion: '2', shadow: '3' }, revision: 2 });
    expect(linesIn(folder)).toMatchObject([
      { alias: 'champion', from: null, to: '2', reason: 'answered without an aliases.json' },
      { alias: 'shadow', from: null, to: '3', reason: 'to 3' },
    ]);
  });

  it('makes the champion before it `previous`, and leaves other aliases alone', async () => {
    const folder = await modelFolder(['1']);
    const aliases = new ModelAliases(folder);
    await aliases.change(to('5', { alias: 'shadow' }));

    expect(await aliases.change(to('2'))).toEqual({
      aliases: { champion: '2', previous: '1', shadow: '5' },
      revision: 3,
    });
    expect(await aliases.change(to('2'))).toMatchObject({ aliases: { previous: '1' }, revision: 4 });
    expect(await aliases.change(to(null, { alias: 'shadow' }))).toEqual({
      aliases: { champion: '2', previous: '1' },
      revision: 5,
    });
  });

  it('is refused with nothing changed if somebody was faster', async () => {
    const folder = await modelFolder(['1', '2']);

    await expect(new ModelAliases(folder).change(to('3', { expected: 1 }))).rejects.toMatchObject({
      code: 'revision_mismatch',
      message: 'model "m" is at revision 2, not 1: somebody was faster; read it again and decide anew',
    });
    expect(aliasesIn(folder)).toEqual({ champion: '2', previous: '1' });
    expect(linesIn(folder).length).toBe(2);
  });

  it.each(['constructor ', '__proto__', '../x', ''])('is refused for the alias "%s"', async (alias) => {
    const folder = await modelFolder();

    await expect(new ModelAliases(folder).change(to('1', { alias }))).rejects.toMatchObject({
      code: 'bad_request',
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('takes an alias that every object has by birth for an alias', async () => {
    const aliases = new ModelAliases(await modelFolder());

    const changed = await aliases.change(to('1', { alias: 'constructor' }));
    expect(changed.aliases).toEqual({ constructor: '1' });
  });

  it.each(['x', '-1', '1234567890', ''])('is refused for the version "%s"', async (version) => {
    const aliases = new ModelAliases(await modelFolder());

    await expect(aliases.change(to(version))).rejects.toMatchObject({ code: 'version_not_found' });
  });

  it('is refused with a reason that no line can hold', async () => {
    const folder = await modelFolder(['1']);

    await expect(
      new ModelAliases(folder).change(to('2', { reason: 'x'.repeat(70_000) })),
    ).rejects.toMatchObject({ code: 'bad_request' });
    expect(aliasesIn(folder)).toEqual({ champion: '1' });
  });

  it('keeps the order of changes when the clock jumps back', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-05-01T12:00:00Z') });
    const folder = await modelFolder(['1']);
    vi.setSystemTime('2026-05-01T11:00:00Z');
    const aliases = new ModelAliases(folder);
    await aliases.change(to('2', { expected: 1 }));
    vi.useRealTimers();

    expect(await aliases.history(10)).toMatchObject([
      { to: '2', time: '2026-05-01T11:00:00.000Z' },
      { to: '1', time: '2026-05-01T12:00:00.000Z' },
    ]);
    expect(await aliases.read()).toMatchObject({ revision: 2, lastChampion: '2' });
  });
});

describe('an aliases.json that somebody edited by hand', () => {
  it('is the truth, counts as a change at once, and is noted by the next one', async () => {
    const folder = await modelFolder(['1', '2']);
    const aliases = new ModelAliases(folder);
    write(folder, '{"champion": "1", "shadow": "7"}');

    expect(await aliases.read()).toMatchObject({ revision: 4, lastChampion: '1' });
    await expect(aliases.change(to('3', { expected: 2 }))).rejects.toMatchObject({
      code: 'revision_mismatch',
    });
    expect(await aliases.change(to('3', { expected: 4 }))).toEqual({
      aliases: { champion: '3', previous: '1', shadow: '7' },
      revision: 5,
    });
    expect(linesIn(folder).slice(2)).toEqual([
      { ...file, alias: 'champion', from: '2', to: '1' },
      { ...file, alias: 'shadow', from: null, to: '7' },
      { time, alias: 'champion', from: '1', to: '3', who: 'ann', reason: 'to 3', gate: null },
    ]);
  });

  it('is noted without a change too', async () => {
    const folder = await modelFolder(['1', '2']);
    const aliases = new ModelAliases(folder);
    write(folder, '{"champion": "9"}');
    await aliases.settle();
    await aliases.settle();

    expect(linesIn(folder).slice(2)).toEqual([{ ...file, alias: 'champion', from: '2', to: '9' }]);
    expect(await aliases.read()).toMatchObject({ revision: 3 });
  });

  it('has no history made for it', async () => {
    const folder = await modelFolder();
    write(folder, '{"champion": "1"}');
    await new ModelAliases(folder).settle();

    expect(readdirSync(folder)).toEqual(['aliases.json']);
  });

  it('begins a history with the change, not with a line of its own', async () => {
    const folder = await modelFolder();
    write(folder, '{"champion": "1"}');

    const changed = await new ModelAliases(folder).change(to('2', { expected: 0 }));
    expect(changed).toEqual({ aliases: { champion: '2', previous: '1' }, revision: 1 });
    expect(linesIn(folder)).toMatchObject([{ from: '1', to: '2', who: 'ann' }]);
  });

  it('may be deleted: then no file names a champion', async () => {
    const folder = await modelFolder(['1', '2']);
    rmSync(join(folder, 'aliases.json'));

    expect(await new ModelAliases(folder).read()).toEqual({ revision: 3, lastChampion: null });
  });

  it('is mended by a change if it is broken, from what the history says', async () => {
    const folder = await modelFolder(['1', '2']);
    const aliases = new ModelAliases(folder);
    await aliases.change(to('7', { alias: 'shadow' }));
    write(folder, '{"champion');

    expect(await aliases.change(to('8', { alias: 'shadow' }))).toEqual({
      aliases: { champion: '2', previous: '1', shadow: '8' },
      revision: 4,
    });
  });
});

describe('a rollback', () => {
  it('makes the champion before the champion, and undoes one change after another', async () => {
    const folder = await modelFolder(['1', '2', '3']);
    const aliases = new ModelAliases(folder);

    expect(await aliases.rollback({ ...order, expected: 3 })).toEqual({
      aliases: { champion: '2', previous: '1' },
      revision: 4,
    });
    expect(await aliases.rollback(order)).toEqual({ aliases: { champion: '1' }, revision: 5 });
    await expect(aliases.rollback(order)).rejects.toMatchObject({ code: 'nothing_to_roll_back' });
    expect(linesIn(folder).slice(3)).toEqual([
      {
        time,
        alias: 'champion',
        from: '3',
        to: '2',
        who: 'ann',
        reason: 'as asked',
        gate: null,
        rollback: true,
      },
      {
        time,
        alias: 'champion',
        from: '2',
        to: '1',
        who: 'ann',
        reason: 'as asked',
        gate: null,
        rollback: true,
      },
    ]);
    expect(await aliases.rolledBack()).toEqual(new Set(['3', '2']));
  });

  it('leaves what was rolled back out of what comes before', async () => {
    const aliases = new ModelAliases(await modelFolder(['1', '2', '3']));
    await aliases.rollback(order);
    await aliases.change(to('4'));

    expect(await aliases.rollback(order)).toEqual({ aliases: { champion: '2', previous: '1' }, revision: 6 });
  });

  it('goes to the champion before where somebody wrote a file without `previous`', async () => {
    const folder = await modelFolder(['1']);
    write(folder, '{"champion": "2"}');

    const changed = await new ModelAliases(folder).rollback(order);
    expect(changed).toEqual({ aliases: { champion: '1' }, revision: 3 });
  });

  it('goes where `previous` says, and passes over versions that are deleted', async () => {
    const folder = await modelFolder(['1', '2', '3', '4']);
    const aliases = new ModelAliases(folder);
    await aliases.noteDeletion({ ...order, version: '2', sha256: 'ab' });

    expect(await aliases.rollback(order)).toMatchObject({ aliases: { champion: '3', previous: '1' } });
  });

  it('has nowhere to go after the first champion, nor without one', async () => {
    await expect(new ModelAliases(await modelFolder(['1'])).rollback(order)).rejects.toMatchObject({
      code: 'nothing_to_roll_back',
      message: 'model "m" had no other champion before; name a version as champion instead',
    });
    await expect(new ModelAliases(await modelFolder()).rollback(order)).rejects.toMatchObject({
      code: 'nothing_to_roll_back',
    });
  });

  it('is refused if somebody was faster', async () => {
    const aliases = new ModelAliases(await modelFolder(['1', '2']));

    await expect(aliases.rollback({ ...order, expected: 1 })).rejects.toMatchObject({
      code: 'revision_mismatch',
    });
  });
});

describe('the deletion of a version', () => {
  it('is a line of the history, and its number stays taken', async () => {
    const folder = await modelFolder(['1', '2']);
    const aliases = new ModelAliases(folder);

    const changed = await aliases.noteDeletion({ ...order, version: '3', sha256: 'cafe', expected: 2 });

    expect(changed).toEqual({ aliases: { champion: '2', previous: '1' }, revision: 3 });
    expect(await aliases.history(1)).toEqual([
      { time, deleted: '3', sha256: 'cafe', who: 'ann', reason: 'as asked' },
    ]);
    expect(await aliases.takenVersions()).toEqual(new Map([['3', 'cafe']]));
    await expect(aliases.change(to('3'))).rejects.toMatchObject({ code: 'version_not_found' });
  });

  it.each(['1', '2'])('is refused while an alias names it: %s', async (version) => {
    const aliases = new ModelAliases(await modelFolder(['1', '2']));

    await expect(aliases.noteDeletion({ ...order, version, sha256: 'cafe' })).rejects.toMatchObject({
      code: 'version_in_use',
    });
    expect(await aliases.takenVersions()).toEqual(new Map());
  });

  it('is refused of the champion that answers without a file', async () => {
    const aliases = new ModelAliases(await modelFolder());

    await expect(
      aliases.noteDeletion({ ...order, version: '2', sha256: 'cafe', standing: '2' }),
    ).rejects.toMatchObject({ code: 'version_in_use' });
  });
});
