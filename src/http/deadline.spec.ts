import type { FastifyRequest } from 'fastify';
import { BadRequest } from '../errors/errors.js';
import { deadlineOf } from './deadline.js';

const MOST = 30_000;
const asking = (header?: string): FastifyRequest =>
  ({ startedAt: 1_000.5, raw: { headers: { 'x-request-timeout-ms': header } } }) as never;

describe(deadlineOf.name, () => {
  it.each([
    ['the most that the server allows, where nothing is said', undefined, 31_000.5],
    ['what the caller says', '250', 1_250.5],
    ['the least there is', '1', 1_001.5],
    ['no more than the server allows', '30001', 31_000.5],
    ['no more than the server allows, however much is asked', '9'.repeat(400), 31_000.5],
  ])('is %s', (_, header, expected) => {
    expect(deadlineOf(asking(header), MOST)).toBe(expected);
  });

  it.each(['', '0', '000', '-1', '+1', '1.5', '1e3', '0x10', '1s', ' 5', '5, 6', 'ten', '٣'])(
    'is not to be had from "%s"',
    (header) => {
      expect(() => deadlineOf(asking(header), MOST)).toThrow(BadRequest);
      expect(() => deadlineOf(asking(header), MOST)).toThrow(/x-request-timeout-ms must be a whole number/);
    },
  );
});
