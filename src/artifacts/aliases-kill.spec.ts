import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { runAliasProcess, startAliasProcess } from '../../test/support/alias-processes.js';
import { aliasesIn, linesIn, modelFolder, to } from '../../test/support/model-folder.js';
import { ModelAliases } from './aliases.js';
import type { AliasLine } from './history.js';

const ROUNDS = Number(process.env['KILL_ROUNDS'] ?? 5);
const AT_ONCE = 3;
/** Every call is tried from 25 rounds on; else one in so many, others each time. */
const STRIDE = Math.max(1, Math.ceil(25 / ROUNDS));

/** Of the file itself; undefined without it. */
const championOf = (folder: string): string | undefined =>
  existsSync(join(folder, 'aliases.json')) ? aliasesIn(folder)['champion'] : undefined;

/** What must hold after a kill: a whole champion, and after the next change a history that tells what happened. */
async function examine(folder: string, old: string | undefined, change: AliasLine): Promise<void> {
  const champion = championOf(folder);
  expect([old, change.to]).toContain(champion);
  const reader = new ModelAliases(folder);
  const seen = await reader.read();
  expect(seen.fault).toBeUndefined();
  expect(seen.aliases?.['champion']).toBe(champion);

  const { revision } = await reader.change({ ...to('9'), expected: seen.revision });

  const lines = linesIn(folder);
  expect(revision).toBe(seen.revision + 1);
  expect(lines.length).toBe(revision);
  // Who did it, and why, stands there exactly if it came true.
  const { time: _, ...told } = change;
  expect(lines.filter(({ who }) => who === 'ann').map(({ reason }) => reason)).toEqual([
    ...(old === undefined ? [] : ['to 1', 'to 2']),
    ...(champion === change.to ? [change.reason] : []),
    'to 9',
  ]);
  expect(lines.slice(champion === change.to ? -2 : -1)).toMatchObject([
    ...(champion === change.to ? [told] : []),
    { from: champion ?? null, to: '9' },
  ]);
  const files = readdirSync(folder).filter((name) => !name.startsWith('.aliases.'));
  expect(files).toEqual(['aliases.json', 'history.ndjson']);
  expect(readdirSync(folder)).not.toContain('.aliases.lock');
}

const line = (from: string | null, version: string, rest: object = {}): AliasLine => {
  const facts = { alias: 'champion', from, to: version, who: 'ann', reason: `to ${version}`, gate: null };
  return { time: '', ...facts, ...rest };
};

describe('a process that is killed while it changes the champion', () => {
  it.each([
    { what: 'a first change', champions: [], change: to('1'), told: line(null, '1') },
    { what: 'a change', champions: ['1', '2'], change: to('3'), told: line('2', '3') },
    {
      what: 'a rollback',
      champions: ['1', '2'],
      change: 'rollback' as const,
      told: line('2', '1', { rollback: true, reason: 'back' }),
    },
  ])(
    'leaves the old champion or the new one, whichever call of the file system it dies in: $what',
    { timeout: 300_000 },
    async ({ champions, change, told }) => {
      const { calls = [], outcomes } = await runAliasProcess({
        folder: await modelFolder(champions),
        changes: [change],
      });
      expect(outcomes).toEqual([{ revision: champions.length + 1 }]);
      expect(calls.filter((name) => /write/.test(name)).length).toBeGreaterThanOrEqual(4);
      const first = Math.floor(Math.random() * STRIDE);
      const plans = calls
        .flatMap((name, index) => [
          { killAt: index + 1 },
          ...(/write/.test(name) ? [{ killWithin: index + 1 }] : []),
        ])
        .filter((_, index) => index % STRIDE === first);
      const count = plans.length;
      let kills = 0;
      const outcomesSeen = new Set<unknown>();
      const work = async (): Promise<void> => {
        for (let plan = plans.pop(); plan; plan = plans.pop()) {
          const folder = await modelFolder(champions);
          const { signal } = await runAliasProcess({ folder, changes: [change], ...plan });
          if (signal === 'SIGKILL') kills++;
          outcomesSeen.add(championOf(folder));
          await examine(folder, champions.at(-1), told);
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, work));

      expect(kills).toBe(count);
      // Of all calls some come before the rename and some after it.
      expect(outcomesSeen.size).toBe(STRIDE === 1 ? 2 : outcomesSeen.size);
    },
  );

  it.each(Array.from({ length: ROUNDS }, (_, index) => index + 1))(
    'leaves a history that agrees with aliases.json, whenever it dies (round %i)',
    async () => {
      const folder = await modelFolder(['1']);
      const changes = Array.from({ length: 500 }, (_, index) => to(String(1 + (index % 8))));
      const children = await Promise.all([1, 2].map(async () => startAliasProcess({ folder, changes })));
      const endings = children.map(async ({ run }) => run());
      await after(20 + Math.random() * 200);
      for (const { kill } of children) kill();
      const told = (await Promise.all(endings)).flatMap(({ outcomes }) => outcomes);

      const aliases = new ModelAliases(folder);
      const champion = championOf(folder);
      await aliases.settle();
      const lines = linesIn(folder);
      expect(lines.at(-1)).toMatchObject({ to: champion });
      expect(lines.filter(({ who }) => who !== 'ann')).toEqual([]);
      expect(lines.map(({ from }) => from)).toEqual([null, ...lines.slice(0, -1).map(({ to }) => to)]);
      // Whatever was answered stands in the history, each under its own revision.
      const revisions = told.flatMap(({ revision }) => revision ?? []);
      expect(told.length).toBe(revisions.length);
      expect(new Set(revisions).size).toBe(revisions.length);
      expect(Math.max(1, ...revisions)).toBeLessThanOrEqual(lines.length);
      expect(lines.length).toBeLessThanOrEqual(1 + revisions.length + 2);
      expect(await aliases.read()).toMatchObject({ revision: lines.length, lastChampion: champion });
    },
  );
});
