import { setTimeout as after } from 'node:timers/promises';
import { Siblings } from '../../src/channel/siblings.js';
import type { AppLogger } from '../../src/observability/app-logger.js';
import { PostgresEngine } from '../../src/state/postgres-engine.js';
import { SqliteEngine } from '../../src/state/sqlite-engine.js';
import type { StateEngine } from '../../src/state/state-engine.js';
import {
  IdempotencyMismatch,
  JobHasVersion,
  JobNotFound,
  LeaseLost,
  WaitersBusy,
} from '../../src/training/job-errors.js';
import { JobQueue } from '../../src/training/job-queue.js';
import { HAS_POSTGRES, Postgres } from '../support/postgres.js';
import { openState } from '../support/state.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const LEASE_MS = 30_000;
const SHORT_MS = 100;
const RUNNER = 'trainer-1';
const DIGEST = 'd1';
const here = (): boolean => false;

const postgres = HAS_POSTGRES ? await Postgres.start() : undefined;
const ENGINES: readonly [string, () => StateEngine | Promise<StateEngine>, boolean][] = [
  ['SQLite', () => new SqliteEngine(temporaryFolder()), true],
  ['PostgreSQL', async () => new PostgresEngine(await postgres!.newDatabase()), HAS_POSTGRES],
];

for (const [name, make, isThere] of ENGINES)
  describe.skipIf(!isThere)(`the jobs in ${name}`, () => {
    /** A queue, and what else a test looks at; `files` are the versions that stand in their places. */
    async function opened({ leaseMs = LEASE_MS } = {}) {
      const { state } = await openState(await make());
      const warned: unknown[] = [];
      const logger = { warn: (_: string, facts: unknown) => warned.push(facts) } as unknown as AppLogger;
      const files = new Set<string>();
      const begin = (): JobQueue => {
        const queue = new JobQueue(
          state,
          logger,
          (...version) => Promise.resolve(files.has(version.join('/'))),
          leaseMs,
          new Siblings(),
        );
        queue.onApplicationBootstrap();
        onTestFinished(() => queue.beforeApplicationShutdown());
        return queue;
      };
      return { queue: begin(), begin, files, warned };
    }
    const order = (changes: object = {}) => ({
      model: 'iris',
      arguments: {},
      principal: '',
      trigger: 'request',
      key: undefined,
      ...changes,
    });
    const claim = async (queue: JobQueue, models = ['iris']) => (await queue.claim(RUNNER, models, here))!;

    it('are what was asked for, once for each key, in whatever order its arguments stand', async () => {
      const { queue } = await opened();
      const first = await queue.submit(order({ key: 'k', arguments: { a: 1, b: 2 } }));
      const again = await queue.submit(order({ key: 'k', arguments: { b: 2, a: 1 } }));

      expect([first.isNew, again.isNew, again.job]).toEqual([true, false, first.job]);
      await expect(queue.submit(order({ key: 'k', arguments: { a: 2 } }))).rejects.toThrow(
        IdempotencyMismatch,
      );
      expect(await queue.find(first.job.id)).toEqual(first.job);
      await expect(queue.find('another')).rejects.toThrow(JobNotFound);
    });

    it('are claimed once each, one of a model at a time, and a claim waits for the next', async () => {
      const { queue } = await opened();
      const { job } = await queue.submit(order());
      const { job: second } = await queue.submit(order());
      const first = await claim(queue, ['wine', 'iris']);
      const waiting = claim(queue);
      expect(first.job).toMatchObject({ id: job.id, state: 'running', attempt: 1, runner: RUNNER });
      const { token } = first.lease;
      await queue.end(job.id, token, { state: 'error', error: { code: 'data', detail: 'no rows' } });

      expect((await waiting).job.id).toBe(second.id);
      expect(await queue.find(job.id)).toMatchObject({
        state: 'error',
        error: '{"code":"data","detail":"no rows"}',
      });
    });

    it('go to one of many who claim at the same time', async () => {
      const { queue } = await opened();
      await Promise.all(['a', 'b', 'c'].map((model) => queue.submit(order({ model }))));
      const claims = Array.from({ length: 12 }, () => queue.claim(RUNNER, ['a', 'b', 'c'], here));
      await after(500);
      queue.beforeApplicationShutdown();
      const models = (await Promise.all(claims)).flatMap((each) => each?.job.model ?? []);

      expect(models.toSorted()).toEqual(['a', 'b', 'c']);
    });

    it('are not given to a caller who has gone', async () => {
      const { queue } = await opened();
      const { job } = await queue.submit(order());

      // He goes while his claim is on its way.
      let asked = 0;
      expect(await queue.claim(RUNNER, ['iris'], () => asked++ > 0)).toBeUndefined();
      expect(await queue.find(job.id)).toMatchObject({ state: 'queued', attempt: 0, token: null });
    });

    it('tell how far they are, keep the last lines, and hear that they are to end', async () => {
      const { queue } = await opened();
      const { job } = await queue.submit(order());
      const { lease } = await claim(queue);
      const lines = Array.from({ length: 1_000 }, (_, at) => `line ${at}`);
      const first = await queue.beat(job.id, lease.token, { stage: 'fit', progress: 0.5, metrics: { a: 1 } });
      await queue.beat(job.id, lease.token, { log: ['one', 'two'], metrics: { b: 2 } });
      await queue.beat(job.id, lease.token, { log: lines });
      await queue.cancel(job.id);
      const last = await queue.beat(job.id, lease.token, {});
      const running = await queue.find(job.id);

      expect([first, last]).toEqual([{ cancel: false }, { cancel: true }]);
      expect(running).toMatchObject({
        stage: 'fit',
        progress: 0.5,
        metrics: '{"a":1,"b":2}',
        state: 'running',
      });
      expect(running.log.split('\n')).toEqual(lines);
      await queue.end(job.id, lease.token, { state: 'cancelled' });
      expect(await queue.find(job.id)).toMatchObject({ state: 'cancelled' });
    });

    it('end at once where they wait and are cancelled, and what has ended stays', async () => {
      const { queue } = await opened();
      const { job } = await queue.submit(order());

      const cancelled = await queue.cancel(job.id);
      expect(cancelled).toMatchObject({ state: 'cancelled', cancelled: 1 });
      expect(await queue.cancel(job.id)).toEqual(cancelled);
    });

    it('publish one version each, also where a kill came between its place and its note', async () => {
      const { queue, files } = await opened();
      const { job } = await queue.submit(order());
      const { lease } = await claim(queue);
      await queue.announce(lease.token, 'iris', '2', DIGEST);
      // Its number was taken by somebody else.
      await queue.announce(lease.token, 'iris', '3', DIGEST);
      files.add(`iris/3/${DIGEST}`);

      await expect(queue.announce(lease.token, 'iris', '4', DIGEST)).rejects.toThrow(JobHasVersion);
      await queue.announce(lease.token, 'iris', '3', DIGEST);
      const wrong = queue.end(job.id, lease.token, { state: 'done', version: '4' });
      await expect(wrong).rejects.toMatchObject({ code: 'invalid_input', errors: [{ pointer: '/version' }] });
      const done = await queue.end(job.id, lease.token, { state: 'done', version: '3' });
      expect(done).toMatchObject({ state: 'done', version: '3', progress: 1 });
      // Its runner never got the answer.
      expect(await queue.end(job.id, lease.token, { state: 'done', version: '3' })).toEqual(done);
    });

    it('go to the next runner when theirs falls silent, whose reports are refused, and end after three', async () => {
      const { queue, warned } = await opened({ leaseMs: SHORT_MS });
      const { job } = await queue.submit(order());
      const leases = [];
      for (let attempt = 1; attempt <= 3; attempt++) leases.push((await claim(queue)).lease);
      while ((await queue.find(job.id)).state === 'running') await after(50);

      for (const { token } of leases.slice(0, 2)) {
        await expect(queue.beat(job.id, token, {})).rejects.toThrow(LeaseLost);
        await expect(queue.end(job.id, token, { state: 'cancelled' })).rejects.toThrow(LeaseLost);
        await expect(queue.announce(token, 'iris', '2', DIGEST)).rejects.toThrow(LeaseLost);
      }
      const ended = await queue.find(job.id);
      expect(ended).toMatchObject({ state: 'interrupted', attempt: 3 });
      expect(ended.error).toContain('"code":"runner_silent"');
      // Who comes after the end changes nothing.
      expect(await queue.end(job.id, leases[2]!.token, { state: 'cancelled' })).toEqual(ended);
      expect(warned).toHaveLength(3);
    });

    it('have a fresh lease when the server begins, so that its absence costs no attempt', async () => {
      const { queue, begin } = await opened({ leaseMs: 2_000 });
      const { job } = await queue.submit(order());
      const { lease } = await claim(queue);
      queue.beforeApplicationShutdown();
      await after(2_100);
      const next = begin();
      await after(1_500);

      expect(await next.beat(job.id, lease.token, {})).toEqual({ cancel: false });
      expect(await next.find(job.id)).toMatchObject({ state: 'running', attempt: 1 });
    });

    it('are followed to their end, by as many as may', async () => {
      const { queue } = await opened();
      const { job } = await queue.submit(order());
      const seen = queue.follow(job.id).then(async (changes) => {
        const states: string[] = [];
        for await (const each of changes) states.push(`${each.state} ${each.progress}`);
        return states;
      });
      await after(50);
      const { lease } = await claim(queue);
      await after(50);
      await queue.beat(job.id, lease.token, { progress: 0.5 });
      await after(50);
      await queue.end(job.id, lease.token, { state: 'cancelled' });

      expect(await seen).toEqual(['queued null', 'running null', 'running 0.5', 'cancelled 0.5']);
      await expect(queue.follow('another')).rejects.toThrow(JobNotFound);
    });

    it('let a hundred wait and no more', async () => {
      const { queue } = await opened();
      const claims = Array.from({ length: 100 }, () => queue.claim(RUNNER, ['iris'], here));

      await expect(queue.claim(RUNNER, ['iris'], here)).rejects.toThrow(WaitersBusy);
      queue.beforeApplicationShutdown();
      expect(new Set(await Promise.all(claims))).toEqual(new Set([undefined]));
    });
  });
