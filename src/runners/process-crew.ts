import { ModelProcess, ProcessDeath } from './model-process.js';
import type { ProcessPlan } from './process-talk.js';
import { Restarts } from './restarts.js';

/** A graph that is not open then never will be. */
const OPEN_MS = 60_000;
/** Why a process is ended that is not needed any more. */
const NOT_SERVED = 'it is not served any more';

/** Where is told what became of processes: constant texts, and facts beside them. */
export interface ProcessLog {
  info(message: string, facts: Readonly<Record<string, unknown>>): void;
  warn(message: string, facts: Readonly<Record<string, unknown>>): void;
}

/** The processes that have opened the graph of one version, as many as are planned: who ends is replaced at once. */
export class ProcessCrew {
  private readonly restarts = new Restarts(() => void this.begin().catch(() => undefined));
  /** All that have been begun and have not ended. */
  private readonly members = new Set<ModelProcess>();
  private readonly free: ModelProcess[] = [];
  /** Those that have answered a run. */
  private readonly proven = new WeakSet<ModelProcess>();
  /** Whether those that end are replaced: not before all have opened the graph once, nor at the end. */
  private isKept = false;

  /** `onChange` is called when one is free, and when none will be: there is a fault, or nobody is left. */
  constructor(
    private readonly plan: ProcessPlan,
    private readonly file: number,
    private readonly log: ProcessLog,
    private readonly onChange: () => void,
  ) {}

  /** Resolves when all have opened the graph. @throws ProcessDeath of the first that cannot */
  async open(): Promise<void> {
    await Promise.all(Array.from({ length: this.plan.processes }, () => this.begin()));
    this.isKept = true;
    this.fill();
  }

  /** Why none is replaced, nor should run anything, for the moment. */
  get fault(): string | undefined {
    return this.members.size === 0 && !this.isKept ? NOT_SERVED : this.restarts.fault;
  }

  get deaths(): Restarts['deaths'] {
    return this.restarts.deaths;
  }

  /** How many have nothing to do. */
  get spare(): number {
    return this.free.length;
  }

  /** Ids of all, also of those that are just being begun. */
  get pids(): readonly number[] {
    return [...this.members].flatMap(({ pid }) => pid ?? []);
  }

  /** One that has nothing to do, for whoever gives it back. */
  take(): ModelProcess | undefined {
    return this.free.pop();
  }

  /** It has answered, and has nothing to do again. */
  giveBack(process: ModelProcess): void {
    this.proven.add(process);
    this.free.push(process);
  }

  /** Replaces nobody any more. */
  retire(): void {
    this.isKept = false;
    this.restarts.stop();
  }

  /** Ends all at once; resolves when nothing is left of them. */
  async end(): Promise<void> {
    this.retire();
    const all = [...this.members];
    for (const each of all) each.kill('closed', NOT_SERVED);
    await Promise.all(all.map(({ ended }) => ended));
  }

  private fill(): void {
    while (this.isKept && this.fault === undefined && this.members.size < this.plan.processes)
      this.begin().catch(() => undefined);
  }

  /** @throws ProcessDeath if it ends before it has opened the graph */
  private async begin(): Promise<void> {
    const process = this.newMember();
    const late = `model.onnx did not open within ${OPEN_MS / 1000} s`;
    const timer = setTimeout(() => process.kill('refused', late), OPEN_MS);
    const { head } = await process.ask({ open: this.plan.graph }).finally(() => clearTimeout(timer));
    if ('refused' in head) {
      process.kill('refused', head.refused);
      throw await process.ended;
    }
    this.free.push(process);
    if (this.restarts.fault !== undefined) {
      this.restarts.mend();
      this.log.info('model is run again', this.names);
      this.fill();
    }
    this.onChange();
  }

  /** @throws ProcessDeath where the system has no place for another one */
  private newMember(): ModelProcess {
    try {
      const process = new ModelProcess(this.file, this.plan.memoryBytes);
      this.members.add(process);
      void process.ended.then((death) => this.bury(process, death));
      return process;
    } catch (error) {
      const death = new ProcessDeath('exited', `it did not start (${(error as Error).message})`);
      this.count(death);
      throw death;
    }
  }

  private bury(process: ModelProcess, death: ProcessDeath): void {
    this.members.delete(process);
    const place = this.free.indexOf(process);
    if (place !== -1) this.free.splice(place, 1);
    if (this.isKept) this.count(death, this.proven.has(process));
    this.fill();
    if (this.fault !== undefined) this.onChange();
  }

  private count(death: ProcessDeath, isProven = false): void {
    const { kind, message: reason } = death;
    const pauseMs = this.restarts.count(death, isProven);
    const isReplaced = this.fault === undefined;
    const message = isReplaced ? 'model process ended and is replaced' : 'model process ended';
    this.log.warn(message, { ...this.names, kind, reason });
    if (pauseMs === undefined) return;
    const facts = { ...this.names, reason, pause_seconds: pauseMs / 1000 };
    this.log.warn('model is not run for a while: its processes end again and again', facts);
  }

  private get names(): { model: string; version: string } {
    return { model: this.plan.model, version: this.plan.version };
  }
}
