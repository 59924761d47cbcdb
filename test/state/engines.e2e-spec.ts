import { setTimeout as after } from 'node:timers/promises';
import { PostgresEngine } from '../../src/state/postgres-engine.js';
import { SqliteEngine } from '../../src/state/sqlite-engine.js';
import type { StateEngine } from '../../src/state/state-engine.js';
import { StateConflict } from '../../src/state/state-faults.js';
import { StateUnavailable } from '../../src/state/state-unavailable.js';
import { HAS_POSTGRES, Postgres } from '../support/postgres.js';
import { changed, givenLabel, openState, waitingJob } from '../support/state.js';
import { temporaryFolder } from '../support/temporary-folder.js';

type Maker = () => StateEngine | Promise<StateEngine>;
/** As a caller does that is told to repeat its call; a busy machine may not have done all of them in time. */
async function untilTaken<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof StateUnavailable)) throw error;
      await after(100);
    }
  }
}

const postgres = HAS_POSTGRES ? await Postgres.start() : undefined;
const ENGINES: readonly [string, Maker, boolean][] = [
  ['SQLite', () => new SqliteEngine(temporaryFolder()), true],
  ['PostgreSQL', async () => new PostgresEngine(await postgres!.newDatabase()), HAS_POSTGRES],
];

for (const [name, make, isThere] of ENGINES)
  describe.skipIf(!isThere)(`the state in ${name}`, () => {
    const opened = async () => (await openState(await make())).state;

    it('has a job as it was added, once for each key of a caller and model', async () => {
      const state = await opened();
      const job = waitingJob({ arguments: '{"größe":1}', progress: 0.25 });

      expect(await state.run('addJob', { job, most: 9 })).toEqual({ outcome: 'added', job });
      const again = waitingJob({ key: job.key });
      expect(await state.run('addJob', { job: again, most: 9 })).toEqual({ outcome: 'known', job });
      for (const other of [{ model: 'wine' }, { principal: 'somebody' }]) {
        const added = await state.run('addJob', { job: waitingJob({ key: job.key, ...other }), most: 9 });
        expect(added.outcome).toBe('added');
      }
      expect(await state.run('findJob', { id: job.id })).toEqual(job);
      expect(await state.run('findJob', { id: 'another' })).toBeUndefined();
    });

    it('has of each pair of versions the last report, those of a version newest first, and the newest of a model', async () => {
      const state = await opened();
      const gate = {
        model: 'iris',
        version: '2',
        sha256: 'a',
        champion: '1',
        champion_sha256: 'b',
        verdict: 'failed',
        report: '{"größe":1}',
        job: 'j',
        created: 1,
      };
      const again = { ...gate, verdict: 'passed', report: '{}', job: 'k', created: 2 };
      const other = { ...gate, champion: '3', champion_sha256: 'c', created: 3 };
      for (const each of [gate, again, other, { ...gate, sha256: 'z' }, { ...gate, version: '9' }])
        await state.run('putGate', { gate: each });

      expect(await state.run('gatesOf', { model: 'iris', version: '2', sha256: 'a' })).toEqual([
        other,
        again,
      ]);
      expect(await state.run('gatesOf', { model: 'wine', version: '2', sha256: 'a' })).toEqual([]);

      const beyond = Array.from({ length: 500 }, (_, place) => ({
        ...gate,
        version: `${10 + place}`,
        created: 4 + place,
      }));
      for (const each of beyond.slice(0, -1)) await state.run('putGate', { gate: each });
      const oldest = { model: 'iris', version: '2', sha256: 'a' };
      expect(await state.run('gatesOf', oldest)).toEqual([other]);
      await state.run('putGate', { gate: { ...gate, model: 'wine', created: 9_000 } });
      expect(await state.run('gatesOf', oldest)).toEqual([other]);
      await state.run('putGate', { gate: beyond.at(-1)! });
      expect(await state.run('gatesOf', oldest)).toEqual([]);
    });

    it('has one job of one key, whoever posts it at the same time', async () => {
      const state = await opened();
      const posts = Array.from({ length: 100 }, () => waitingJob({ key: 'the same' }));
      const added = await Promise.all(
        posts.map((job) => untilTaken(() => state.run('addJob', { job, most: 1_000 }))),
      );

      expect(await state.run('listJobs', { limit: 9 })).toHaveLength(1);
      expect(new Set(added.map((each) => 'job' in each && each.job.id)).size).toBe(1);
    });

    it('takes as many waiting jobs as there may be, also of those that come at once', async () => {
      const state = await opened();
      const posts = Array.from({ length: 20 }, () => waitingJob());
      const added = await Promise.all(posts.map((job) => state.run('addJob', { job, most: 7 })));

      expect(added.filter(({ outcome }) => outcome === 'added')).toHaveLength(7);
      expect(added.filter(({ outcome }) => outcome === 'full')).toHaveLength(13);
    });

    it('changes a job from the revision that was seen, and from no other', async () => {
      const state = await opened();
      const job = waitingJob();
      await state.run('addJob', { job, most: 9 });
      const running = changed(job, { state: 'running', token: 'secret', expires: 1_800_000_100_000 });

      expect(await state.run('changeJob', { job: running })).toBe(true);
      expect(await state.run('changeJob', { job: changed(job, { state: 'cancelled' }) })).toBe(false);
      expect(await state.run('findJobOfLease', { token: 'secret' })).toEqual(running);
    });

    it('has one running job of a model, and finds the oldest that may be next', async () => {
      const state = await opened();
      const [first, second, other] = [waitingJob(), waitingJob(), waitingJob({ model: 'wine' })];
      for (const job of [other, second, first]) await state.run('addJob', { job, most: 9 });
      const next = (...models: string[]) => state.run('nextJob', { models });
      expect(await next('iris', 'wine')).toEqual(first);
      expect(await next('wine')).toEqual(other);
      await state.run('changeJob', { job: changed(first, { state: 'running' }) });

      expect(await next('iris')).toBeUndefined();
      expect(await next('wine', 'iris')).toEqual(other);
      await expect(state.run('changeJob', { job: changed(second, { state: 'running' }) })).rejects.toThrow(
        StateConflict,
      );
      expect(await state.run('findJob', { id: second.id })).toEqual(second);
    });

    it('lists the newest first, without logs, counts them, and forgets those that ended long ago', async () => {
      const state = await opened();
      const jobs = [
        waitingJob({ log: 'a line' }),
        waitingJob({ state: 'done', finished: 2_000 }),
        waitingJob({ model: 'wine', state: 'error', finished: 3_000 }),
      ];
      for (const job of jobs) await state.run('addJob', { job, most: 9 });
      const list = async (what: object) =>
        (await state.run('listJobs', { limit: 9, ...what })).map(({ id }) => id);
      const [first, second, third] = jobs.map(({ id }) => id);

      expect(await list({})).toEqual([third, second, first]);
      expect(await list({ model: 'iris' })).toEqual([second, first]);
      expect(await list({ state: 'error' })).toEqual([third]);
      expect(await list({ limit: 1 })).toEqual([third]);
      const { log: _log, ...listed } = jobs[0]!;
      expect(await state.run('listJobs', { limit: 9, state: 'queued' })).toEqual([listed]);
      expect((await state.run('countJobs', undefined)).toSorted((a, b) => a.oldest - b.oldest)).toEqual([
        { model: 'iris', state: 'queued', count: 1, oldest: jobs[0]!.created, finished: null },
        { model: 'iris', state: 'done', count: 1, oldest: jobs[1]!.created, finished: 2_000 },
        { model: 'wine', state: 'error', count: 1, oldest: jobs[2]!.created, finished: 3_000 },
      ]);
      expect(await state.run('pruneJobs', { before: 3_000 })).toBe(1);
      expect(await list({})).toEqual([third, first]);
    });

    it('keeps every value that is given for a prediction, and the last one as its label', async () => {
      const state = await opened();
      const put = (...values: ReturnType<typeof givenLabel>[]) => state.run('putFeedback', { values });
      const [a, b] = ['a', 'b'];

      expect(await put(givenLabel(a, '0', 1), givenLabel(b, '1', 1, 1), givenLabel(a, '1', 1, 2))).toEqual([
        'accepted',
        'accepted',
        'replaced',
      ]);
      expect(await put(givenLabel(a, '1', 2), givenLabel(b, '{"größe":1}', 2, 1))).toEqual([
        'unchanged',
        'replaced',
      ]);
      expect((await state.run('valuesOf', { id: a })).map(({ value }) => value)).toEqual(['0', '1']);
      const labels = (given: number, id = '', limit = 9) =>
        state.run('labelsOf', { model: 'iris', given, id, limit });
      const { place: _, ...last } = givenLabel(b, '{"größe":1}', 2);
      expect(await labels(2)).toEqual([last]);
      expect((await labels(0)).map(({ prediction_id }) => prediction_id)).toEqual([a, b]);
      expect(await labels(1, a)).toEqual([last]);
      expect(await labels(0, '', 1)).toHaveLength(1);
      expect(await state.run('labelsOf', { model: 'wine', given: 0, id: '', limit: 9 })).toEqual([]);
    });

    it('tells which versions have labels, how many, and when the newest was given', async () => {
      const state = await opened();
      const of = (version: string, id: string, given: number) => ({ ...givenLabel(id, '0', given), version });
      await state.run('putFeedback', { values: [of('1', 'a', 10), of('2', 'b', 30), of('2', 'c', 20)] });
      const asked = ['1', '2', '3'].map((version) => ({ model: 'iris', version }));

      expect(
        await state.run('newestOfVersions', { versions: [...asked, { model: 'wine', version: '1' }] }),
      ).toEqual([
        { model: 'iris', version: '1', given: 10 },
        { model: 'iris', version: '2', given: 30 },
      ]);
      expect(await state.run('newestOfVersions', { versions: [] })).toEqual([]);
      expect(await state.run('countLabels', { model: 'iris', since: 20, most: 9 })).toBe(2);
      expect(await state.run('countLabels', { model: 'iris', since: 20, most: 1 })).toBe(1);
      const count = (version: string, most = 9): Promise<number> =>
        state.run('countLabelsOfVersion', { model: 'iris', version, most });
      expect([await count('2'), await count('2', 1), await count('3')]).toEqual([2, 1, 0]);
    });

    it('has one label of a prediction, whoever gives values for it at the same time', async () => {
      const state = await opened();
      const calls = Array.from({ length: 40 }, (_, n) =>
        untilTaken(() =>
          state.run('putFeedback', {
            values: [
              givenLabel(n % 2 === 0 ? 'a' : 'b', String(n), 1, n),
              givenLabel(n % 2 === 0 ? 'b' : 'a', 'x', 1, 99),
            ],
          }),
        ),
      );
      const outcomes = (await Promise.all(calls)).flat();

      expect(outcomes.filter((outcome) => outcome === 'accepted')).toHaveLength(2);
      expect(await state.run('labelsOf', { model: 'iris', given: 0, id: '', limit: 9 })).toHaveLength(2);
    });

    it('has values wait for their record, joins each once, and lets an older one replace nothing', async () => {
      const state = await opened();
      const pending = ({ prediction_id, given, place, value, principal }: ReturnType<typeof givenLabel>) => ({
        prediction_id,
        given,
        place,
        value,
        principal,
      });
      const [early, again, late, other] = [
        givenLabel('a', '0', 1),
        givenLabel('a', '0', 2),
        givenLabel('a', '2', 3),
        givenLabel('b', '1', 3, 1),
      ] as const;
      const wait = [early, again, late, other].map(pending);

      expect(await state.run('putPending', { values: wait })).toEqual([
        'accepted',
        'unchanged',
        'replaced',
        'accepted',
      ]);
      const after = (given: number, place = -1) =>
        state.run('pendingAfter', { given, place, id: '', limit: 9 });
      expect(await after(-1)).toEqual([early, late, other].map(pending));
      expect(await after(3, 0)).toEqual([pending(late), pending(other)]);
      expect(await state.run('countPending', { since: 3 })).toEqual({ waiting: 2, unmatched: 1 });

      await state.run('putFeedback', { values: [givenLabel('a', '1', 2)] });
      const join = () => state.run('joinPending', { values: [early, late] });
      expect(await join()).toEqual(['unchanged', 'replaced']);
      expect(await join()).toEqual(['unchanged', 'unchanged']);
      expect((await state.run('valuesOf', { id: 'a' })).map(({ value }) => value)).toEqual(['0', '1', '2']);
      expect(await after(-1)).toEqual([pending(other)]);
      expect(await state.run('dropPending', { values: [pending(other)] })).toBe(1);
      await state.run('putPending', { values: [pending(other)] });
      expect(await state.run('prunePending', { before: 4 })).toBe(1);
      expect(await after(-1)).toEqual([]);
    });

    it('forgets all that was given for erased records, also what waits, and nothing else', async () => {
      const state = await opened();
      const {
        model: _model,
        version: _version,
        predicted: _predicted,
        inputs: _inputs,
        outputs: _outputs,
        ...waits
      } = givenLabel('c', '1', 3);
      const values = [givenLabel('a', '0', 1), givenLabel('a', '1', 2), givenLabel('b', '1', 2)];
      await state.run('putFeedback', { values });
      await state.run('putPending', { values: [waits, { ...waits, prediction_id: 'd' }] });

      expect(await state.run('forgetPredictions', { ids: ['a', 'c', 'unknown'] })).toBe(4);
      expect(await state.run('forgetPredictions', { ids: ['a', 'c', 'unknown'] })).toBe(0);
      const left = await Promise.all(['a', 'b'].map((id) => state.run('valuesOf', { id })));
      expect(left.map((each) => each.length)).toEqual([0, 1]);
      const pending = await state.run('pendingAfter', { given: -1, place: -1, id: '', limit: 9 });
      expect(pending.map(({ prediction_id }) => prediction_id)).toEqual(['d']);
    });

    it('keeps the last declaration of what can be trained', async () => {
      const state = await opened();
      const declare = (schema: string, runner: string) =>
        state.run('declareTrainables', { trainables: [{ model: 'iris', schema, runner }] });
      await declare('{}', 'one');
      await declare('{"type":"object"}', 'two');

      const declared = { model: 'iris', schema: '{"type":"object"}', runner: 'two' };
      expect(await state.run('trainable', { model: 'iris' })).toEqual(declared);
      expect(await state.run('trainable', { model: 'wine' })).toBeUndefined();
    });

    it('keeps declarations of several runners that name the same models in other orders', async () => {
      const state = await opened();
      const trainables = ['iris', 'turnover', 'wine'].map((model) => ({
        model,
        schema: '{}',
        runner: 'one',
      }));
      const orders = Array.from({ length: 12 }, (_, at) =>
        at % 2 === 0 ? trainables : trainables.toReversed(),
      );
      await Promise.all(orders.map((order) => state.run('declareTrainables', { trainables: order })));

      expect(await state.run('listTrainables', undefined)).toEqual(trainables);
    });

    it('takes a text with a character that it cannot keep, and asks for one', async () => {
      const state = await opened();
      const job = waitingJob();
      await state.run('addJob', { job, most: 9 });

      expect(await state.run('changeJob', { job: changed(job, { log: 'epoch 1\0\nepoch 2' }) })).toBe(true);
      const found = await state.run('findJob', { id: job.id });
      expect(found?.log).toMatch(/^epoch 1[\0\uFFFD]\nepoch 2$/u);
      expect(await state.run('findJob', { id: `${job.id}\0` })).toBeUndefined();
    });

    it('is there after it was closed and opened again', async () => {
      const engine = await make();
      const first = (await openState(engine)).state;
      const job = waitingJob();
      await first.run('addJob', { job, most: 9 });
      await first.onApplicationShutdown();

      expect(await (await openState(engine)).state.run('findJob', { id: job.id })).toEqual(job);
    });
  });
