import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as after } from 'node:timers/promises';
import { Client } from 'pg';
import { PostgresEngine } from '../../src/state/postgres-engine.js';
import { SqliteEngine } from '../../src/state/sqlite-engine.js';
import { StateUnavailable } from '../../src/state/state-unavailable.js';
import { HAS_POSTGRES, Postgres } from '../support/postgres.js';
import { givenLabel, openState, stateOver, untilUp, waitingJob } from '../support/state.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { MAY_MOUNT, smallDisk, takeSpace } from '../support/tmpfs.js';

const AWAY = 'state database is away: jobs and feedback are refused, predictions are not';
const BACK = 'state database is there again';

async function untilTold(told: readonly string[], text: string): Promise<void> {
  while (!told.some((each) => each.includes(text))) await after(20);
}

describe('a state database in SQLite', () => {
  it('belongs to one process: another is told whose turn it is, and takes it when that one ends', async () => {
    const folder = temporaryFolder();
    const first = await openState(new SqliteEngine(folder));
    const job = waitingJob();
    await first.state.run('addJob', { job, most: 9 });
    const second = stateOver(new SqliteEngine(folder));
    await untilTold(second.told, AWAY);

    expect(second.told).toEqual([
      `${AWAY}: another process holds it; stop that one, or give this one a STATE_DIR of its own`,
    ]);
    await expect(second.state.run('findJob', { id: job.id })).rejects.toThrow(StateUnavailable);
    expect(await first.state.run('findJob', { id: job.id })).toEqual(job);
    await first.state.onApplicationShutdown();
    await untilUp(second.state);
    expect(await second.state.run('findJob', { id: job.id })).toEqual(job);
    expect(second.told.at(-1)).toBe(BACK);
  });

  it('has nothing left in its files of what it has forgotten, while it is open and after', async () => {
    const folder = temporaryFolder();
    const { state } = await openState(new SqliteEngine(folder));
    const isForgotten = (place: number): boolean => place % 3 === 0;
    const label = (place: number, value: string) => {
      const inputs = `{"name":"${isForgotten(place) ? 'Ann' : 'Ben'} ${'x'.repeat((place * 97) % 6_000)}"}`;
      return { ...givenLabel(`p${place * 7_919}`, value, Number(value)), inputs };
    };
    for (const value of ['1', '2'])
      for (let from = 0; from < 400; from += 100) {
        const values = Array.from({ length: 100 }, (_, index) => label(from + index, value));
        await state.run('putFeedback', { values });
      }
    const ids = Array.from({ length: 400 }, (_, place) => place)
      .filter(isForgotten)
      .map((place) => `p${place * 7_919}`);
    const has = (name: string): boolean =>
      readdirSync(folder).some((file) => readFileSync(join(folder, file)).includes(name));
    expect(has('Ann')).toBe(true);
    expect(await state.run('forgetPredictions', { ids })).toBe(3 * ids.length);
    expect([has('Ann'), has('Ben')]).toEqual([false, true]);
    await state.onApplicationShutdown();
    expect([has('Ann'), has('Ben')]).toEqual([false, true]);
  });

  it('is left alone by a build that is older than it', async () => {
    const engine = new SqliteEngine(temporaryFolder());
    const { state } = await openState(engine);
    await state.run('countJobs', undefined);
    await state.onApplicationShutdown();
    const file = new DatabaseSync(engine.name);
    file.exec("insert into kysely_migration values ('9999_later', '2030-01-01T00:00:00.000Z')");
    file.close();
    const { told } = stateOver(engine);
    await untilTold(told, AWAY);

    expect(told).toEqual([
      `${AWAY}: it was made by a newer Nestor (9999_later); start that version again, or name another database`,
    ]);
  });

  it('says which folder cannot be made', async () => {
    const { told } = stateOver(new SqliteEngine('/proc/nestor'));
    await untilTold(told, AWAY);

    expect(told[0]).toMatch(/ENOENT.*mkdir '\/proc\/nestor'/);
  });

  it('leaves no other file behind when it is closed', async () => {
    const engine = new SqliteEngine(temporaryFolder());
    const { state } = await openState(engine);
    await state.run('addJob', { job: waitingJob(), most: 9 });
    expect(existsSync(`${engine.name}-wal`)).toBe(true);
    await state.onApplicationShutdown();

    expect(existsSync(`${engine.name}-wal`)).toBe(false);
  });

  it.runIf(MAY_MOUNT)('on a full disk refuses, and goes on by itself when there is room', async () => {
    const disk = smallDisk('2m');
    const { state, told } = await openState(new SqliteEngine(disk));
    const job = waitingJob({ log: 'x'.repeat(100_000) });
    await state.run('addJob', { job, most: 99 });
    const giveBack = takeSpace(disk);
    const large = waitingJob({ log: 'x'.repeat(200_000) });
    await expect(state.run('addJob', { job: large, most: 99 })).rejects.toThrow(StateUnavailable);
    expect(told).toEqual([`${AWAY}: database or disk is full`]);
    giveBack();
    await untilUp(state);

    expect(await state.run('findJob', { id: large.id })).toBeUndefined();
    expect(await state.run('addJob', { job: large, most: 99 })).toMatchObject({ outcome: 'added' });
    expect(await state.run('findJob', { id: job.id })).toEqual(job);
  });
});

describe.skipIf(!HAS_POSTGRES)('a state database in PostgreSQL', () => {
  const serving = async () => {
    const postgres = await Postgres.start();
    return { postgres, ...(await openState(new PostgresEngine(await postgres.newDatabase()))) };
  };

  it('that stands still refuses, goes on by itself, and has nothing twice', async () => {
    const { postgres, state, told } = await serving();
    await state.run('countJobs', undefined);
    const job = waitingJob();
    postgres.signal('SIGSTOP');
    await expect(state.run('addJob', { job, most: 9 })).rejects.toThrow(StateUnavailable);
    await expect(state.run('addJob', { job, most: 9 })).rejects.toThrow(StateUnavailable);
    postgres.signal('SIGCONT');
    await untilUp(state);
    await state.run('addJob', { job: { ...job, id: 'another' }, most: 9 });

    expect(await state.run('listJobs', { limit: 9 })).toHaveLength(1);
    expect(told.at(-1)).toBe(BACK);
  });

  it.each(['SIGKILL', 'SIGINT'] as const)(
    'that ends by %s and comes again is found again',
    async (signal) => {
      const { postgres, state } = await serving();
      const job = waitingJob();
      await state.run('addJob', { job, most: 9 });
      await postgres.stop(signal);
      await expect(state.run('findJob', { id: job.id })).rejects.toThrow(StateUnavailable);
      await postgres.begin();
      await untilUp(state);

      expect(await state.run('findJob', { id: job.id })).toEqual(job);
    },
  );

  it('waits at its start for another one that is about to make the tables', async () => {
    const postgres = await Postgres.start();
    const url = await postgres.newDatabase();
    await openState(new PostgresEngine(url));
    const other = new Client(url);
    await other.connect();
    await other.query('begin; lock table marks');
    const { state, told } = stateOver(new PostgresEngine(url));
    await after(1_500);
    expect([state.isUp, told]).toEqual([false, []]);
    await other.end();
    await untilUp(state);

    expect(told).toEqual([]);
  });

  it('is told without its password', () => {
    const { name } = new PostgresEngine('postgres://nestor:secret@db.example:5433/nestor?sslmode=require');

    expect(name).toBe('postgres://db.example:5433/nestor');
  });
});
