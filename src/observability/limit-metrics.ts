import { Gauge, type Registry } from 'prom-client';
import type { Limits } from '../config/limits.js';

/** What the container lets all processes of this server use, as it was found at the start. */
export function exposeLimits(registry: Registry, { cpus, memoryBytes }: Limits): void {
  const registers = [registry];
  new Gauge({
    name: 'nestor_cpu_limit_cores',
    help: 'Processors that all processes of this server may use, e.g. 1.5: the limit of the container, or what the machine has.',
    aggregator: 'first',
    registers,
  }).set(cpus);
  new Gauge({
    name: 'nestor_memory_limit_bytes',
    help: 'Bytes that all processes of this server may use: the limit of the container, or all of the machine.',
    aggregator: 'first',
    registers,
  }).set(memoryBytes);
}
