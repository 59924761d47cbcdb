import { HttpException } from '@nestjs/common';
import { InvalidInput, ModelNotFound, ModelNotReady, PredictionLogUnavailable } from '../errors/errors.js';
import { PROBLEMS, retryAfterOf, toProblem } from './problems.js';

describe(toProblem.name, () => {
  it.each([
    new Error('secret'),
    new TypeError('secret'),
    new HttpException('secret', 500),
    new HttpException('secret', 502),
    'secret',
    undefined,
    null,
    { status: 400, code: 'invalid_input', message: 'secret' },
  ])('tells nothing of what is not the fault of the caller: %s', (error) => {
    const answer = toProblem(error, 'id');

    expect(answer).toMatchObject({ status: 500, code: 'internal_error' });
    expect(JSON.stringify(answer)).not.toContain('secret');
  });

  it.each([
    [400, 'bad_request'],
    [401, 'unauthenticated'],
    [403, 'forbidden'],
    [409, 'conflict'],
    [412, 'precondition_failed'],
    [422, 'unprocessable'],
    [428, 'precondition_required'],
    [429, 'too_many_requests'],
    [504, 'deadline_exceeded'],
    [418, 'bad_request'],
  ])('tells what a framework refuses with %i by the code of that status', (status, code) => {
    expect(toProblem(new HttpException('why', status), 'id')).toMatchObject({ code, detail: 'why' });
  });

  it('asks to come back only where that helps', () => {
    expect(retryAfterOf(new PredictionLogUnavailable())).toBe(1);
    expect(retryAfterOf(new ModelNotReady('m', true))).toBe(2);
    expect(retryAfterOf(new ModelNotReady('m'))).toBeUndefined();
    expect(retryAfterOf(new Error('x'))).toBeUndefined();
  });

  it('cuts a name that the caller made long', () => {
    expect(toProblem(new ModelNotFound('x'.repeat(10_000)), 'id').detail.length).toBeLessThan(120);
  });

  it('counts faults that it does not list', () => {
    const fault = { pointer: '/a', code: 'required', detail: 'is missing' };

    expect(toProblem(new InvalidInput([fault], 90_000), 'id')).toEqual({
      type: 'urn:nestor:problem:invalid_input',
      title: 'The input is not valid',
      status: 400,
      detail: '/a: is missing (and 89999 more)',
      code: 'invalid_input',
      request_id: 'id',
      error: '/a: is missing (and 89999 more)',
      errors: [fault],
      error_count: 90_000,
    });
  });

  it('has a 4xx or 5xx status for every code', () => {
    for (const { status } of Object.values(PROBLEMS)) expect(String(status)).toMatch(/^[45]\d\d$/);
  });
});
