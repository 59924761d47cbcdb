import { vi } from 'vitest';
import { DriftCounts } from '../../src/watch/drift-counts.js';
import type { DriftReport } from '../../src/watch/drift-view.js';
import type { TestApp } from './create-app.js';

export type Row = Record<string, number | string | null>;

const HOUR = 3_600_000;

/** Predicts rows in one call, which must be answered. */
export async function predictRows(app: TestApp, model: string, rows: readonly Row[]): Promise<void> {
  const reply = await app.post(`/v1/models/${model}:predict`, { instances: rows });
  expect(reply.status, reply.text).toBe(200);
}

/** The report of a model's champion. */
export async function driftOf(app: TestApp, model: string): Promise<DriftReport> {
  const reply = await app.get(`/models/${model}/drift`);
  expect(reply.status, reply.text).toBe(200);
  return reply.body as DriftReport;
}

/** Asks a model for rows, some in each of the next hours of the clock; what is reported then. */
export async function askedByHours(
  app: TestApp,
  model: string,
  hours: readonly (readonly Row[])[],
): Promise<DriftReport> {
  const start = Math.ceil(Date.now() / HOUR) * HOUR;
  vi.useFakeTimers({ toFake: ['Date'], now: start });
  try {
    for (const [hour, rows] of hours.entries()) {
      vi.setSystemTime(start + hour * HOUR);
      await predictRows(app, model, rows);
      await app.app.get(DriftCounts, { strict: false }).flush();
    }
    vi.setSystemTime(start + hours.length * HOUR);
    return await driftOf(app, model);
  } finally {
    vi.useRealTimers();
  }
}
