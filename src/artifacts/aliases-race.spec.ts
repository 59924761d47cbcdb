import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plan } from '../../test/support/alias-child.js';
import { type Outcome, startAliasProcess } from '../../test/support/alias-processes.js';
import { aliasesIn, linesIn, modelFolder, to } from '../../test/support/model-folder.js';
import { ModelAliases } from './aliases.js';
import { newOwner } from '../files/lock-owner.js';

/** Starts a process for each plan, lets all begin at once and waits for all. */
async function atOnce(plans: readonly Plan[]): Promise<Outcome[]> {
  const processes = await Promise.all(plans.map(startAliasProcess));
  return (await Promise.all(processes.map(async ({ run }) => run()))).flatMap(({ outcomes }) => outcomes);
}

const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

describe.each([
  { processes: 2, withoutLinks: false },
  { processes: 8, withoutLinks: false },
  { processes: 8, withoutLinks: true },
])(
  '$processes processes that change the champion at once (file system without links: $withoutLinks)',
  (with_) => {
    const { processes, withoutLinks } = with_;

    it('have one winner if all have seen the same revision', async () => {
      const folder = await modelFolder(['1']);

      const outcomes = await atOnce(
        times(processes, (index) => ({
          folder,
          withoutLinks,
          changes: [to(String(10 + index), { expected: 1 })],
        })),
      );

      expect(outcomes.filter(({ revision }) => revision === 2).length).toBe(1);
      expect(outcomes.filter(({ code }) => code === 'revision_mismatch').length).toBe(processes - 1);
      expect(linesIn(folder).length).toBe(2);
      expect(aliasesIn(folder)).toEqual({ champion: linesIn(folder)[1]!.to, previous: '1' });
    });

    it('all succeed one after another if they take any revision', async () => {
      const folder = await modelFolder(['1']);
      const reasons = times(processes, (index) => times(5, (turn) => `${index}/${turn}`));

      const outcomes = await atOnce(
        reasons.map((mine, index) => ({
          folder,
          withoutLinks,
          changes: mine.map((reason) => to(String(10 + index), { reason })),
        })),
      );

      const revisions = outcomes.map(({ revision }) => revision!).toSorted((a, b) => a - b);
      expect(revisions).toEqual(times(processes * 5, (index) => index + 2));
      const lines = linesIn(folder);
      expect(
        lines
          .slice(1)
          .map(({ reason }) => reason!)
          .toSorted(),
      ).toEqual(reasons.flat().toSorted());
      expect(lines.map(({ from }) => from)).toEqual([null, ...lines.slice(0, -1).map(({ to }) => to)]);
      expect(aliasesIn(folder)['champion']).toBe(lines.at(-1)!.to);
      expect(readdirSync(folder).toSorted()).toEqual(['aliases.json', 'history.ndjson']);
    });
  },
);

describe('processes that find the lock of a killed one', () => {
  it.each(times(3, (index) => index + 1))('take it over one after another (round %i)', async () => {
    const folder = await modelFolder(['1']);
    const { pid } = spawnSync('true');
    writeFileSync(join(folder, '.aliases.lock'), JSON.stringify({ ...newOwner(), pid }));

    const outcomes = await atOnce(
      times(6, (index) => ({ folder, changes: [to(String(index)), to(String(10 + index))] })),
    );

    const revisions = outcomes.map(({ revision }) => revision!).toSorted((a, b) => a - b);
    expect(revisions).toEqual(times(12, (index) => index + 2));
    expect(linesIn(folder).length).toBe(13);
    expect(readdirSync(folder).toSorted()).toEqual(['aliases.json', 'history.ndjson']);
  });
});

describe('callers of one process', () => {
  it('wait for each other as processes do', async () => {
    const folder = await modelFolder(['1']);
    const aliases = new ModelAliases(folder);

    const changes = await Promise.all(times(8, async (index) => aliases.change(to(String(index)))));
    expect(changes.map(({ revision }) => revision).toSorted((a, b) => a - b)).toEqual(times(8, (i) => i + 2));
    expect(linesIn(folder).length).toBe(9);
  });

  it('never see aliases with a revision that is theirs not yet', async () => {
    const folder = await modelFolder(['0']);
    const writer = new ModelAliases(folder);
    const reader = new ModelAliases(folder);
    const seen: { champion: string | undefined; revision: number }[] = [];
    const over = new AbortController();
    const reading = (async (): Promise<void> => {
      while (!over.signal.aborted) {
        const { aliases, revision } = await reader.read();
        seen.push({ champion: aliases?.['champion'], revision });
      }
    })();
    for (let version = 1; version <= 30; version++) await writer.change(to(String(version)));
    over.abort();
    await reading;

    expect(seen.length).toBeGreaterThan(30);
    // Version n came with revision n + 1. A lower one is refused later, a higher one would overwrite unseen.
    expect(seen.filter(({ champion, revision }) => revision > Number(champion) + 1)).toEqual([]);
    expect(await reader.read()).toMatchObject({ aliases: { champion: '30' }, revision: 31 });
  });
});
