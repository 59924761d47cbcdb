import type { AppConfig } from './app-config.js';
import { cpuLimit } from './cpu-limit.js';
import { memoryLimit } from './memory-limit.js';

/** What a serving process needs beside the models: the runtime, the application, and garbage. */
const WORKER_BYTES = 300 * 2 ** 20;
/** What is left of a container's memory beside the runtime, the models and garbage. */
const ADMISSION_SHARE = 1 / 4;
const INFERENCE_SHARE = 1 / 4;

/** What the container lets this server use, and how it is shared out: what `auto` stands for in the settings. */
export interface Limits {
  /** Processors and bytes of all its processes. */
  readonly cpus: number;
  readonly memoryBytes: number;
  /** Processes that serve. */
  readonly workers: number;
  /** Of each of them: bytes held for requests, and processes for each model that does not run in them. */
  readonly admissionBytes: number;
  readonly inferenceProcesses: number;
  /** Bytes of each such process. */
  readonly inferenceMemoryBytes: number;
}

type Asked = Pick<AppConfig, 'workers' | 'admissionBytes' | 'inferenceProcesses' | 'inferenceMemoryBytes'>;

/** Works out what `auto` means for a container of so many processors and bytes. */
export function limitsOf(asked: Asked, cpus = cpuLimit(), memoryBytes = memoryLimit()): Limits {
  const fitting = Math.min(Math.floor(cpus), Math.floor(memoryBytes / WORKER_BYTES));
  const workers = asked.workers === 'auto' ? Math.max(1, fitting) : asked.workers;
  const spare = Math.max(1, Math.floor((cpus - 1) / workers));
  return {
    cpus,
    memoryBytes,
    workers,
    admissionBytes: orElse(asked.admissionBytes, (memoryBytes * ADMISSION_SHARE) / workers),
    inferenceProcesses: orElse(asked.inferenceProcesses, spare),
    inferenceMemoryBytes: orElse(asked.inferenceMemoryBytes, memoryBytes * INFERENCE_SHARE),
  };
}

const orElse = (given: number | 'auto', auto: number): number =>
  given === 'auto' ? Math.floor(auto) : given;
