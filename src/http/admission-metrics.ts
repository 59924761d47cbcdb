import { Counter, Gauge, type Registry } from 'prom-client';
import type { Admission } from './admission.js';
import type { LargeRequests } from './large-requests.js';

/** `nestor_admission_*`: counted in plain numbers, handed over when Prometheus asks. */
export function exposeAdmission(registry: Registry, admission: Admission, large: LargeRequests): void {
  const registers = [registry];
  new Gauge({
    name: 'nestor_admission_budget_bytes',
    help: 'Bytes that may be held for requests.',
    aggregator: 'sum',
    registers,
  }).set(admission.budget);
  new Gauge({
    name: 'nestor_admission_held_bytes',
    help: 'Bytes that are held for requests: bodies with what is made of them, and replies not yet sent.',
    aggregator: 'sum',
    registers,
    collect() {
      this.set(admission.held);
    },
  });
  new Gauge({
    name: 'nestor_admission_requests',
    help: 'Requests that bytes are held for: small ones, up to 64 KiB, and large ones.',
    labelNames: ['size'],
    aggregator: 'sum',
    registers,
    collect() {
      for (const [size, count] of Object.entries(admission.requests)) this.set({ size }, count);
    },
  });
  const counter = (name: string, help: string, counts: () => Readonly<Record<string, number>>): void => {
    new Counter({
      name,
      help,
      labelNames: ['reason'],
      registers,
      collect() {
        this.reset();
        for (const [reason, count] of Object.entries(counts())) this.inc({ reason }, count);
      },
    });
  };
  counter(
    'nestor_admission_refused_total',
    'Requests refused as overload: too many bytes are held (memory), too much work waits (wait), or is seen to wait when the body has been read (late).',
    () => admission.refused,
  );
  counter(
    'nestor_admission_ended_total',
    'Requests ended because their caller was too slow: slow_upload, unread_reply.',
    () => large.ended,
  );
}
