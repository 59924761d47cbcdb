import { closeSync } from 'node:fs';
import { ArtifactFault } from '../artifacts/artifact-fault.js';
import { DeadlineExceeded, ModelProcessEnded } from '../errors/errors.js';
import type { Graph, OutputData, Outputs, Ran, TensorData } from './graph.js';
import { type ModelProcess, ProcessDeath } from './model-process.js';
import { ProcessCrew, type ProcessLog } from './process-crew.js';
import { ProcessRun } from './process-run.js';
import type { DeathKind, ProcessPlan } from './process-talk.js';
import type { FramedTensor } from './tensor-frames.js';

/** So long a run may go on past its deadline: one that is about to end costs less than another process does. */
const GRACE_MS = 200;

/**
 * The processes that run the graph of one version, one run each at a time. Others wait in order. Where processes end again
 * and again, every run is refused with that reason, until a pause is over.
 */
export class ModelProcesses implements Graph {
  private readonly crew: ProcessCrew;
  private readonly running = new Map<ProcessRun, ModelProcess>();
  private readonly waiters: ProcessRun[] = [];
  private whenDone: (() => void) | undefined;
  private ended: Promise<void> | undefined;

  private constructor(
    private readonly plan: ProcessPlan,
    private readonly file: number,
    log: ProcessLog,
  ) {
    this.crew = new ProcessCrew(plan, file, log, () => this.next());
  }

  /**
   * Begins as many processes as are planned, each of which opens the graph. `file` is a descriptor of model.onnx that is
   * theirs from now on: they read it again whenever one is replaced, whatever has become of its folder.
   * @throws ArtifactFault with the reason why one cannot open it; none is left then
   */
  static async start(plan: ProcessPlan, file: number, log: ProcessLog): Promise<ModelProcesses> {
    const processes = new ModelProcesses(plan, file, log);
    try {
      await processes.crew.open();
      return processes;
    } catch (error) {
      await processes.end();
      throw error instanceof ProcessDeath ? new ArtifactFault(faultOf(error)) : error;
    }
  }

  /** Runs at a time, at most. */
  get size(): number {
    return this.plan.processes;
  }

  /** Processes that can run something, or do. */
  get alive(): number {
    return this.crew.spare + this.running.size;
  }

  get busy(): number {
    return this.running.size;
  }

  /** Runs that wait for a process. */
  get waiting(): number {
    return this.waiters.length;
  }

  /** By kind, how many processes have ended that should not. */
  get deaths(): ReadonlyMap<DeathKind, number> {
    return this.crew.deaths;
  }

  /** Why every run is refused for the moment. */
  get fault(): string | undefined {
    return this.crew.fault;
  }

  /** Ids of the processes. */
  get pids(): readonly number[] {
    return this.crew.pids;
  }

  /**
   * Runs one batch in a process that is free, or as soon as one is.
   * @throws DeadlineExceeded when the deadline passes, ClientGone when nobody waits for it any more; a run that does not end
   * soon after is ended with its process.
   * ModelProcessEnded when the process ends under it: by too much memory at once, otherwise at the second time. One that
   * had ended before the run began in it does not count.
   */
  run(tensors: readonly TensorData[], deadline: number, abandoned?: AbortSignal): Promise<Ran> {
    const run = new ProcessRun(tensors, deadline, abandoned, (left) => this.leave(left));
    if (deadline <= performance.now()) run.refuse(new DeadlineExceeded());
    else this.waiters.push(run);
    this.next();
    return run.answered;
  }

  /** Ends the processes as soon as what runs and waits is answered. */
  async release(): Promise<void> {
    if (this.running.size + this.waiters.length > 0)
      await new Promise<void>((resolve) => {
        this.whenDone = resolve;
      });
    await this.end();
  }

  /** Ends the processes at once; what runs or waits is refused. */
  end(): Promise<void> {
    this.ended ??= this.crew.end().then(() => closeSync(this.file));
    return this.ended;
  }

  private next(): void {
    const { fault } = this.crew;
    if (fault !== undefined) for (const run of this.waiters.splice(0)) run.refuse(this.endedBy(fault));
    while (this.waiters.length > 0) {
      const process = this.crew.take();
      if (process === undefined) break;
      void this.perform(this.waiters.shift()!, process);
    }
    if (this.running.size + this.waiters.length === 0) this.whenDone?.();
  }

  private async perform(run: ProcessRun, process: ModelProcess): Promise<void> {
    this.running.set(run, process);
    const started = performance.now();
    try {
      const { head, tensors } = await process.ask({ run: true }, run.tensors);
      const seconds = (performance.now() - started) / 1000;
      if ('done' in head) run.answer({ outputs: this.outputsOf(tensors), seconds });
      else run.refuse(new Error(Object.values(head)[0]));
      this.crew.giveBack(process);
    } catch (error) {
      if (!(error instanceof ProcessDeath)) process.kill('malformed', 'its answer made no sense');
      this.lose(run, await process.ended, process.hasLeftUnread);
    }
    this.running.delete(run);
    this.next();
  }

  private outputsOf(tensors: readonly FramedTensor[]): Outputs {
    const { outputs } = this.plan.graph;
    return Object.fromEntries(outputs.map((name, index) => [name, tensors[index]!.data as OutputData]));
  }

  /** The process of a run has ended before its answer; `isUnread`: before the run had begun in it, which is no try. */
  private lose(run: ProcessRun, { kind, message }: ProcessDeath, isUnread: boolean): void {
    if (run.isAnswered) return;
    const isTriedTwice = run.isRetried && !isUnread;
    if (kind === 'memory' || kind === 'closed' || isTriedTwice) return run.refuse(this.endedBy(message));
    run.isRetried ||= !isUnread;
    this.waiters.unshift(run);
  }

  /** Nobody waits for this run any more. */
  private leave(run: ProcessRun): void {
    const place = this.waiters.indexOf(run);
    if (place !== -1) this.waiters.splice(place, 1);
    const process = this.running.get(run);
    if (process === undefined) return this.next();
    setTimeout(() => {
      if (this.running.has(run)) process.kill('deadline', 'a run did not end while somebody waited for it');
    }, GRACE_MS);
  }

  private endedBy(reason: string): ModelProcessEnded {
    return new ModelProcessEnded(this.plan.model, reason);
  }
}

/** A reason of the artifact's own stands alone; any other is what became of the process that opened it. */
const faultOf = ({ kind, message }: ProcessDeath): string =>
  kind === 'refused' ? message : `model.onnx cannot be loaded: ${message}`;
