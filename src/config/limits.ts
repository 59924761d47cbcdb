import type { Fault } from '../errors/startup-fault.js';
import type { AppConfig } from './app-config.js';
import { cpuLimit } from './cpu-limit.js';
import { memoryLimit } from './memory-limit.js';
import { taskLimit } from './task-limit.js';

const MIB = 2 ** 20;
/** What a serving process needs beside the models: the runtime, the application, and garbage. */
const WORKER_MIB = 300;
const WORKER_BYTES = WORKER_MIB * MIB;
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

/** Threads of a process that serves, of the primary, and of a process of a slow model beside those that compute. */
const WORKER_TASKS = 11;
const PRIMARY_TASKS = 8;
const MODEL_TASKS = 7;

/**
 * What of the settings asks for more than the container has. Nothing stops for it: it is slower than with less, or at its end when all
 * comes together.
 * @param threads of `INFERENCE_THREADS`
 * @param tasks processes and threads that there may be
 */
export function tightLimits(limits: Limits, threads: number, tasks = taskLimit()): readonly Fault[] {
  return [
    ...processorFaults(limits, threads),
    ...memoryFaults(limits),
    ...taskFaults(limits, threads, tasks),
  ];
}

function* processorFaults({ cpus, workers, inferenceProcesses }: Limits, threads: number): Iterable<Fault> {
  const processors = Math.max(1, Math.floor(cpus));
  const running = workers * inferenceProcesses;
  if (workers > Math.ceil(cpus))
    yield {
      what: `WORKERS=${workers} are more than the ${cpus} processors that this server may use`,
      mend: `set WORKERS=${processors}, or auto`,
    };
  if (threads > 1 && running * threads > cpus)
    yield {
      what: `INFERENCE_THREADS=${threads} in ${running} processes of a slow model are more than the ${cpus} processors that this server may use`,
      mend: `set INFERENCE_THREADS=${Math.max(1, Math.floor(cpus / running))}, or fewer INFERENCE_PROCESSES`,
    };
}

function* memoryFaults(limits: Limits): Iterable<Fault> {
  const { memoryBytes, workers, admissionBytes, inferenceMemoryBytes } = limits;
  const all = `${Math.floor(memoryBytes / MIB)} MiB`;
  const fitting = Math.max(1, Math.floor(memoryBytes / WORKER_BYTES));
  if (workers > fitting)
    yield {
      what: `WORKERS=${workers} need about ${workers * WORKER_MIB} MiB before models and calls, and this server may use ${all}`,
      mend: `set WORKERS=${fitting}, or auto, or give it more memory`,
    };
  // What auto takes is there, however small the container is.
  const left = Math.max(memoryBytes * ADMISSION_SHARE, memoryBytes - workers * WORKER_BYTES);
  const tooMuch = (setting: string, most: number): Fault => ({
    what: `${setting} is more than what is left of the ${all} that this server may use`,
    mend: `set ${setting.replace(/=.*/, '')}=${Math.floor(most)}, or auto, or give it more memory`,
  });
  const each = workers === 1 ? '' : ` in each of ${workers} workers`;
  if (admissionBytes * workers > left)
    yield tooMuch(`ADMISSION_BYTES=${admissionBytes}${each}`, left / workers);
  if (inferenceMemoryBytes > left) yield tooMuch(`INFERENCE_MEMORY_BYTES=${inferenceMemoryBytes}`, left);
}

function* taskFaults(limits: Limits, threads: number, tasks: number): Iterable<Fault> {
  const { workers, inferenceProcesses } = limits;
  // There is one worker more while one is replaced.
  const most = PRIMARY_TASKS + (workers + 1) * (WORKER_TASKS + inferenceProcesses * (MODEL_TASKS + threads));
  if (most > tasks)
    yield {
      what: `WORKERS=${workers} with one slow model take up to ${most} processes and threads, and this server may have ${tasks} of them`,
      mend: `let it have ${most} at least (pids_limit, TasksMax=), or set fewer WORKERS`,
    };
}
