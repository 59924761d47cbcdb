import type { Addition } from '../../src/state/drift-operations.js';
import { PostgresEngine } from '../../src/state/postgres-engine.js';
import { SqliteEngine } from '../../src/state/sqlite-engine.js';
import type { StateDatabase } from '../../src/state/state-database.js';
import type { StateEngine } from '../../src/state/state-engine.js';
import { StateConflict } from '../../src/state/state-faults.js';
import { HAS_POSTGRES, Postgres } from '../support/postgres.js';
import { openState } from '../support/state.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const postgres = HAS_POSTGRES ? await Postgres.start() : undefined;
const ENGINES: readonly [string, () => StateEngine | Promise<StateEngine>, boolean][] = [
  ['SQLite', () => new SqliteEngine(temporaryFolder()), true],
  ['PostgreSQL', async () => new PostgresEngine(await postgres!.newDatabase()), HAS_POSTGRES],
];
const VERSION = { model: 'iris', version: '1', baseline: 'd' };
const HOUR = 3_600;
const MS = HOUR * 1_000;

function addition(revision: number, hour: number, counts: readonly number[]): Addition {
  const rows = counts.reduce((sum, count) => sum + count, 0);
  const slots = [{ seconds: HOUR, start: hour * MS, rows, counts }];
  return { ...VERSION, slots, detectors: { revision, state: `[${revision}]`, alarms: '{}' } };
}

for (const [name, make, isThere] of ENGINES)
  describe.skipIf(!isThere)(`counts in ${name}`, () => {
    const opened = async (): Promise<StateDatabase> => (await openState(await make())).state;
    const writes = (state: StateDatabase, writer: string) => {
      let write = 0;
      return (additions: readonly Addition[], again = false) => {
        const by = { writer, write: again ? write : ++write, at: 1 };
        return state.run('addCounts', { by, additions, leastRows: 300 });
      };
    };
    const windows = async (state: StateDatabase) => {
      const lengths = [{ seconds: HOUR, most: 99 }];
      const { windows: found } = await state.run('driftOf', { ...VERSION, lengths });
      return found.map(({ start, until, rows, counts }) => [start / MS, until / MS, rows, counts]);
    };

    it('add up, whoever counts; a write that is repeated is added once', async () => {
      const state = await opened();
      const [one, two] = [writes(state, 'one'), writes(state, 'two')];
      await one([addition(1, 5, [1, 2])]);
      expect(await one([addition(1, 5, [1, 2])], true)).toBe('known');
      expect(await two([addition(2, 5, [10, 0])])).toBe('added');

      expect(await windows(state)).toEqual([[5, 6, 13, '[11,2]']]);
      expect(await state.run('detectorsOf', { versions: [VERSION, { ...VERSION, model: 'wine' }] })).toEqual([
        { ...VERSION, revision: 2, state: '[2]', alarms: '{}' },
      ]);
    });

    it('add nothing where somebody was faster with the detectors, whichever version is the late one', async () => {
      const state = await opened();
      const [one, two] = [writes(state, 'one'), writes(state, 'two')];
      await one([addition(1, 5, [1, 0])]);
      const wine = { ...addition(1, 5, [5, 5]), model: 'wine' };

      for (const late of [1, 3])
        await expect(two([wine, addition(late, 5, [5, 5])])).rejects.toThrow(StateConflict);
      expect(await windows(state)).toEqual([[5, 6, 1, '[1,0]']]);
      expect(await two([wine, addition(2, 5, [5, 5])])).toBe('added');
      expect(await windows(state)).toEqual([[5, 6, 11, '[6,5]']]);
    });

    it('stay in a window until it holds enough rows and its time is over', async () => {
      const state = await opened();
      const add = writes(state, 'one');
      await add([addition(1, 5, [299])]);
      await add([addition(2, 8, [1])]);
      await add([addition(3, 8, [5])]);
      await add([addition(4, 9, [7])]);
      // What could not be added in time belongs where it was counted.
      await add([addition(5, 6, [100])]);

      expect(await windows(state)).toEqual([
        [9, 10, 7, '[7]'],
        [5, 9, 405, '[405]'],
      ]);
    });

    it('are forgotten when they are old, those of long windows later', async () => {
      const state = await opened();
      const add = writes(state, 'one');
      const day = { seconds: 24 * HOUR, start: 0, rows: 400, counts: [400] };
      const first = addition(1, 0, [400]);
      await add([{ ...first, slots: [...first.slots, day] }]);
      await add([addition(2, 9, [400])]);
      await state.run('pruneDrift', { before: 5 * MS, seconds: 24 * HOUR, longBefore: 0 });

      expect(await windows(state)).toEqual([[9, 10, 400, '[400]']]);
      const lengths = [{ seconds: 24 * HOUR, most: 9 }];
      expect((await state.run('driftOf', { ...VERSION, lengths })).windows).toHaveLength(1);
      await state.run('pruneDrift', { before: 5 * MS, seconds: 24 * HOUR, longBefore: 25 * MS });
      expect((await state.run('driftOf', { ...VERSION, lengths })).windows).toEqual([]);
      expect(await state.run('countedSince', { since: 0 })).toEqual([]);
    });
  });
