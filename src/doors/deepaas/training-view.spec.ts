import { waitingJob } from '../../../test/support/state.js';
import { jobIdOf, pythonDuration, trainingView } from './training-view.js';

const CREATED = Date.UTC(2026, 10, 27, 8);
const job = waitingJob({
  id: '01a21b3c-5a10-7e5c-9a52-6f1f0a8b7c33',
  created: CREATED,
  arguments: '{"sleep":0}',
});
const UUID = '01a21b3c5a107e5c9a526f1f0a8b7c33';
const VIEW = { date: '2026-11-27 08:00:00.000000', args: { sleep: 0 }, uuid: UUID };

describe('a training as DEEPaaS shows it', () => {
  it('runs while its job waits or runs', () => {
    expect(trainingView(job)).toEqual({ ...VIEW, status: 'running' });
    expect(trainingView({ ...job, state: 'running' })).toEqual({ ...VIEW, status: 'running' });
    expect(trainingView({ ...job, state: 'running', cancelled: 1 })).toEqual({
      ...VIEW,
      status: 'cancelled',
    });
  });

  it('has a result when it is done, though somebody wanted it to end', () => {
    const done = { ...job, state: 'done', cancelled: 1, version: '2', metrics: '{"loss":0.5}' } as const;
    expect(trainingView({ ...done, finished: CREATED + 7_250 })).toEqual({
      ...VIEW,
      status: 'done',
      result: {
        output: { version: '2', metrics: { loss: 0.5 } },
        finish_date: '2026-11-27 08:00:07.250000',
        duration: '0:00:07.250000',
      },
    });
  });

  it('says why it has failed', () => {
    const error = JSON.stringify({ code: 'runner_silent', detail: 'its runner fell silent' });
    for (const state of ['error', 'interrupted'] as const)
      expect(trainingView({ ...job, state, error })).toEqual({
        ...VIEW,
        status: 'error',
        message: 'its runner fell silent',
      });
  });

  it('is found by the id of its job without dashes', () => {
    expect(jobIdOf(UUID)).toBe(job.id);
    expect(() => jobIdOf(job.id)).toThrow('there is no job');
  });

  it.each([
    [0, '0:00:00.000000'],
    [45_296_789, '12:34:56.789000'],
    [86_400_000, '1 day, 0:00:00.000000'],
    [190_000_001, '2 days, 4:46:40.001000'],
  ])('took %d ms: %s', (milliseconds, duration) => {
    expect(pythonDuration(milliseconds)).toBe(duration);
  });
});
