import type { Manifest } from '../../src/artifacts/manifest.js';
import type { RetrainOn } from '../../src/config/settings.js';
import type { ModelVersion } from '../../src/models/model-version.js';
import { Siblings } from '../../src/channel/siblings.js';
import type { AppLogger } from '../../src/observability/app-logger.js';
import { SqliteEngine } from '../../src/state/sqlite-engine.js';
import type { StateDatabase } from '../../src/state/state-database.js';
import type { ListedJob } from '../../src/state/stored-job.js';
import { JobQueue } from '../../src/training/job-queue.js';
import { Trainables } from '../../src/training/trainables.js';
import type { DriftReport } from '../../src/watch/drift-view.js';
import type { DriftStatus } from '../../src/watch/drift-status.js';
import { Quality } from '../../src/watch/quality.js';
import { Retraining } from '../../src/watch/retraining.js';
import { openState } from '../support/state.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const DAY_MS = 86_400_000;
const CREATED = Date.parse('2026-11-20T00:00:00Z');
const LABELS: RetrainOn = { drift: false, quality: false, labels: 10 };
const SCHEMA = { type: 'object', properties: {}, additionalProperties: false };
const manifest = {
  model: 'iris',
  version: '1',
  created: new Date(CREATED).toISOString(),
  inputs: [],
  classes: [
    { value: 0, label: 'a' },
    { value: 1, label: 'b' },
  ],
  metrics: { accuracy: 0.95 },
  training: { holdout_rows: 2_000 },
} as unknown as Manifest;

interface Watched {
  readonly state: StateDatabase;
  readonly queue: JobQueue;
  readonly told: string[];
  readonly server: (on: RetrainOn) => Retraining;
  /** Labels of answers of which so many are wrong. */
  readonly label: (count: number, wrong?: number) => Promise<void>;
  readonly jobs: () => Promise<ListedJob[]>;
  readonly trainables: Trainables;
  drift: DriftStatus;
  now: number;
}

/** A model that was trained a week ago and whose training a runner has declared. */
async function watched(schema: object | null = SCHEMA): Promise<Watched> {
  const { state } = await openState(new SqliteEngine(temporaryFolder()));
  const told: string[] = [];
  const tell = (message: string, { trigger, reason }: { trigger?: string; reason: string }): number =>
    told.push([message, trigger, reason].filter((each) => each !== undefined).join(': '));
  const logger = { info: tell, warn: tell, error: tell } as unknown as AppLogger;
  const queue = new JobQueue(state, logger, () => Promise.resolve(false), 30_000, new Siblings());
  const trainables = new Trainables(state, new Siblings());
  if (schema !== null) await trainables.declare('r1', { iris: schema });
  let labels = 0;
  const all: Watched = {
    state,
    queue,
    told,
    trainables,
    drift: 'ok',
    now: CREATED + 7 * DAY_MS,
    jobs: () => queue.list('iris', undefined),
    label: async (count, wrong = 0) => {
      const values = Array.from({ length: count }, (_, place) => ({
        prediction_id: `id-${labels++}`,
        model: 'iris',
        version: '1',
        predicted: 0,
        inputs: '{}',
        outputs: '{"prediction":0}',
        given: all.now,
        place,
        value: place < wrong ? '1' : '0',
        principal: null,
      }));
      await state.run('putFeedback', { values });
    },
    server: (on) =>
      new Retraining(
        on,
        60_000,
        {
          state,
          registry: { usable: () => [{ manifest } as unknown as ModelVersion] },
          reports: { report: () => Promise.resolve({ status: all.drift } as DriftReport) },
          quality: new Quality(state, () => all.now),
        },
        queue,
        trainables,
        logger,
        () => all.now,
      ),
  };
  return all;
}

async function end(queue: JobQueue): Promise<void> {
  const { job } = (await queue.claim('r1', ['iris'], () => false))!;
  await queue.end(job.id, job.token!, { state: 'error', error: { code: 'failed', detail: 'it failed' } });
}

describe(Retraining.name, () => {
  it('asks for a training of new labels once, by one job for all servers', async () => {
    const { label, server, jobs, told } = await watched();
    const servers = [server(LABELS), server(LABELS)];
    await label(9);
    await Promise.all(servers.map((each) => each.look()));
    expect(await jobs()).toEqual([]);
    await label(1);
    await Promise.all(servers.map((each) => each.look()));
    for (const each of servers) await each.look();

    expect(await jobs()).toMatchObject([{ state: 'queued', trigger: 'labels', principal: '' }]);
    expect(told).toEqual(['a training is asked for: labels: 10 new labels']);
  });

  it('waits for a day after the last one, and counts labels from there', async () => {
    const all = await watched();
    const server = all.server(LABELS);
    await all.label(10);
    await server.look();
    await end(all.queue);
    // The job has the time of the machine's clock.
    all.now = (await all.jobs())[0]!.created + DAY_MS - 1;
    await all.label(30);
    await server.look();
    expect(await all.jobs()).toHaveLength(1);
    all.now += 1;
    await server.look();
    expect((await all.jobs()).map(({ state }) => state)).toEqual(['queued', 'error']);
  });

  it('asks for none while one that somebody has asked for waits or runs', async () => {
    const all = await watched();
    await all.label(10);
    await all.queue.submit({ model: 'iris', arguments: {}, principal: '', trigger: 'request', key: 'k' });
    await all.server(LABELS).look();
    expect(await all.jobs()).toHaveLength(1);
    await end(all.queue);
    await all.server(LABELS).look();
    expect((await all.jobs()).map(({ trigger }) => trigger).toSorted()).toEqual(['labels', 'request']);
  });

  it('asks for one when inputs have drifted, where there are labels to learn from', async () => {
    const all = await watched();
    const server = all.server({ drift: true, quality: false, labels: undefined });
    all.drift = 'severe';
    await server.look();
    expect(await all.jobs()).toEqual([]);
    await all.label(1);
    await server.look();
    expect(await all.jobs()).toMatchObject([{ trigger: 'drift' }]);
  });

  it('asks for one when answers are less right than on the hold-out', async () => {
    const all = await watched();
    const server = all.server({ drift: false, quality: true, labels: undefined });
    await all.label(190, 10);
    await server.look();
    expect(await all.jobs()).toEqual([]);
    await all.label(190, 60);
    all.now += 10_000;
    await server.look();
    expect(await all.jobs()).toMatchObject([{ trigger: 'quality' }]);
    expect(all.told).toEqual([
      'a training is asked for: quality: accuracy is 0.816, and was 0.95 on the hold-out; 380 new labels',
    ]);
  });

  it('says once why a training cannot be asked for', async () => {
    const none = await watched(null);
    await none.label(10);
    const server = none.server(LABELS);
    await server.look();
    await server.look();
    await none.trainables.declare('r1', {
      iris: { ...SCHEMA, properties: { trees: { type: 'integer' } }, required: ['trees'] },
    });
    await server.look();
    expect(none.told).toEqual([
      'a training is due and cannot be asked for: no runner has declared its training',
      expect.stringMatching(/cannot be asked for: its training has arguments without a default: .*trees/),
    ]);
    await none.trainables.declare('r1', { iris: SCHEMA });
    await server.look();
    expect(await none.jobs()).toHaveLength(1);
  });

  it('leaves a model alone that was trained after its labels came', async () => {
    const all = await watched();
    all.now = CREATED - 1;
    await all.label(10);
    all.now = CREATED + DAY_MS;
    await all.server(LABELS).look();
    expect(await all.jobs()).toEqual([]);
  });
});
