import { BEGINNING, FakeReply, fakeRecorder } from '../../test/support/fake-recorder.js';
import { PredictionLogUnavailable } from '../errors/errors.js';
import { digestOf } from '../journal/line-digest.js';
import type { Decision } from '../runners/decoder.js';
import type { Call } from './prediction.js';
import { RecordedRows } from './recorded-rows.js';
import { Recorder } from './recorder.js';
import { TextBuffer } from './text-buffer.js';

const call = (numbers: readonly number[], requestId = 'r1'): Call & { reply: FakeReply } => ({
  rows: numbers.map((n) => ({ n })),
  caller: {
    requestId,
    route: '/models/:model/predict',
    principal: null,
    deadline: Infinity,
    gone: () => false,
    pay: () => undefined,
  },
  reply: new FakeReply(),
  place: (fault) => fault,
  accepted: performance.now(),
});
const decide = (numbers: readonly number[]): Decision[] =>
  numbers.map((n) => ({
    outcome: { prediction: n },
    prediction: n,
    openText: `{"prediction":${n}`,
    classIndex: -1,
    score: n,
    raw: [n],
    probabilities: [],
  }));

describe(Recorder.name, () => {
  it('writes a line per row that says who asked, what, and what was answered', () => {
    const { recorder, log } = fakeRecorder();
    const [one, two] = [call([1, 2], 'r1'), call([3], 'r2')];
    const recording = recorder.begin([one, two], new TextBuffer());
    recording.add([...one.rows, ...two.rows], decide([1, 2, 3]));
    void recording.commit();

    const digests = log.texts.map((line) => digestOf(`${line}\n`));
    expect(log.texts.map((line) => JSON.parse(line) as unknown)).toEqual(
      [
        ['r1', 1],
        ['r1', 2],
        ['r2', 3],
      ].map(([request_id, n], row) => ({
        prediction_id: [...one.reply.predictions, ...two.reply.predictions][row]!.id,
        request_id,
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        model: 'm',
        version: '1',
        sha256: 'd1',
        route: '/models/:model/predict',
        inputs: { n },
        outputs: { prediction: n },
        duration_us: expect.any(Number),
        principal: null,
        salt: expect.stringMatching(/^[\w-]{22}$/),
        previous: [BEGINNING, ...digests][row],
        schema: 1,
        seq: row + 1,
      })),
    );
  });

  it('gives each call its own predictions, wherever the runs cut', () => {
    const { recorder } = fakeRecorder();
    const [one, two] = [call([1, 2, 3]), call([4])];
    const recording = recorder.begin([one, two], new TextBuffer());
    recording.add([{ n: 1 }, { n: 2 }], decide([1, 2]));
    recording.add([{ n: 3 }, { n: 4 }], decide([3, 4]));
    void recording.commit();

    expect(one.reply.told).toEqual(['begin 3', 'add 1', 'add 2', 'add 3']);
    expect(two.reply.told).toEqual(['begin 1', 'add 4']);
  });

  it('makes the text of an answer when a door asks for it', () => {
    const { recorder } = fakeRecorder();
    const one = call([1]);
    const recording = recorder.begin([one], new TextBuffer());
    recording.add(one.rows, decide([1]));
    void recording.commit();

    const [prediction] = one.reply.predictions;
    expect(JSON.parse(prediction!.text())).toEqual({
      prediction: 1,
      prediction_id: prediction!.id,
      model: 'm',
      version: '1',
    });
  });

  it('counts rows when they are in the file, and not before', () => {
    const { recorder, counts } = fakeRecorder();
    const one = call([1, 2]);
    const recording = recorder.begin([one], new TextBuffer());
    recording.add(one.rows, decide([1, 2]));
    expect(counts.outcomes).toEqual({ ok: 0, invalid: 0, error: 0 });
    void recording.commit();

    expect(counts.outcomes).toEqual({ ok: 2, invalid: 0, error: 0 });
    expect(counts.score).toMatchObject({ count: 2, sum: 3 });
    expect(counts.batchRows).toMatchObject({ count: 1, sum: 2 });
  });

  it('counts rows in their bins when they are in the file, and none of a batch that is not', () => {
    const { recorder, log, bins } = fakeRecorder();
    const [one, two] = [call([1, 2, -3]), call([4])];
    const given = recorder.begin([one], new TextBuffer());
    given.add(one.rows, decide([1, 2, -3]));
    given.discard();
    const early = bins.take();
    const first = recorder.begin([one], new TextBuffer());
    first.add(one.rows.slice(0, 2), decide([1, 2]));
    first.add(one.rows.slice(2), decide([-3]));
    void first.commit();
    log.fault = new PredictionLogUnavailable();
    const failed = recorder.begin([two], new TextBuffer());
    failed.add(two.rows, decide([4]));
    expect(() => failed.commit()).toThrow(PredictionLogUnavailable);
    failed.discard();

    expect(early).toEqual([]);
    expect(bins.take().map(({ rows, counts }) => [rows, ...counts.subarray(0, 2)])).toEqual([[3, 1, 2]]);
  });

  it('says which inputs it hides, and has counted them as they came', () => {
    const { recorder, log, bins } = fakeRecorder(new RecordedRows(new Map([['n', 'drop']]), 'm'));
    const one = call([1, -3]);
    const recording = recorder.begin([one], new TextBuffer());
    recording.add(one.rows, decide([1, -3]));
    void recording.commit();

    expect(log.texts.map((line) => JSON.parse(line) as unknown)).toMatchObject(
      [1, -3].map((n) => ({ sha256: 'd1', hidden: { n: 'drop' }, inputs: {}, outputs: { prediction: n } })),
    );
    expect(log.texts.join('')).not.toContain('"inputs":{"n"');
    expect(bins.take().map(({ counts }) => [...counts.subarray(0, 2)])).toEqual([[1, 1]]);
  });

  it('gives its file back when nothing is appended', () => {
    const { recorder, log } = fakeRecorder();
    const one = call([1]);
    const recording = recorder.begin([one], new TextBuffer());
    recording.discard();
    expect(log.givenBack).toBe(0);
    const another = recorder.begin([one], new TextBuffer());
    another.add(one.rows, decide([1]));
    another.discard();

    expect(log.givenBack).toBe(1);
  });

  it('leaves nothing in the buffer of what could not be written', () => {
    const { recorder, log, counts } = fakeRecorder();
    const lines = new TextBuffer();
    log.fault = new PredictionLogUnavailable();
    const one = call([1]);
    const failed = recorder.begin([one], lines);
    failed.add(one.rows, decide([1]));
    expect(() => failed.commit()).toThrow(log.fault);
    failed.discard();
    log.fault = undefined;
    log.isWritable = true;
    const two = call([2]);
    const recording = recorder.begin([two], lines);
    recording.add(two.rows, decide([2]));
    void recording.commit();

    expect(log.writes).toEqual([[2]]);
    expect(counts.outcomes.ok).toBe(1);
  });

  it('counts rows when they are synced, where they are not recorded at once', async () => {
    const { recorder, log, counts } = fakeRecorder();
    log.sync = Promise.resolve();
    const one = call([1, 2]);
    const recording = recorder.begin([one], new TextBuffer());
    recording.add(one.rows, decide([1, 2]));
    const later = recording.commit();
    expect(counts.outcomes.ok).toBe(0);
    await later;

    expect(counts.outcomes.ok).toBe(2);
    expect(counts.stages.record.count).toBe(1);
    expect(log.writes).toEqual([[1, 2]]);
  });

  it('makes no promise where they are', () => {
    const { recorder } = fakeRecorder();
    const one = call([1]);
    const recording = recorder.begin([one], new TextBuffer());
    recording.add(one.rows, decide([1]));

    expect(recording.commit()).toBeUndefined();
  });

  it('leaves the lines of others alone when its own could not be synced', async () => {
    const { recorder, log } = fakeRecorder();
    const lines = new TextBuffer();
    log.sync = Promise.reject(new PredictionLogUnavailable());
    const [one, two] = [call([1]), call([2])];
    const failed = recorder.begin([one], lines);
    failed.add(one.rows, decide([1]));
    await expect(failed.commit()).rejects.toThrow(PredictionLogUnavailable);
    log.sync = undefined;
    const recording = recorder.begin([two], lines);
    recording.add(two.rows, decide([2]));
    failed.discard();
    void recording.commit();

    expect(log.writes).toEqual([[2]]);
  });
});
