import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { boundedText } from '../files/bounded-text.js';
import { FrameReader } from './frame-reader.js';
import { type Answer, DEATH_KINDS, type DeathKind, type Question, SOCKET } from './process-talk.js';
import { type Frame, type FramedTensor, piecesOf } from './tensor-frames.js';

/** Also from src/, where it is not built. */
const CHILD = fileURLToPath(new URL('../../dist/runners/model-child.js', import.meta.url));
/** What the kernel sends to who does what no process may. */
const CRASHES: readonly string[] = ['SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGILL', 'SIGSEGV', 'SIGSYS', 'SIGTRAP'];

/** That a process has ended, with the reason in words: "it was killed (SIGKILL)". */
export class ProcessDeath extends Error {
  constructor(
    readonly kind: DeathKind,
    reason: string,
  ) {
    super(reason);
  }
}

interface Asked {
  readonly resolve: (answer: Frame<Answer>) => void;
  readonly reject: (death: ProcessDeath) => void;
}

/** A process that runs one graph, as the server sees it. */
export class ModelProcess {
  /** Resolves when nothing is left of it. */
  readonly ended: Promise<ProcessDeath>;
  /** Whether it has ended before it had read all of the last question: it has not begun with that. */
  hasLeftUnread = false;
  private readonly child: ChildProcess;
  private readonly socket: Socket;
  private readonly reader = new FrameReader();
  private filled = 0;
  private asked: Asked | undefined;
  private death: ProcessDeath | undefined;

  /** Begins it. `file` is a descriptor of model.onnx, which the process reads by itself. */
  constructor(file: number, memoryBytes: number) {
    const heap = `--max-old-space-size=${Math.ceil(memoryBytes / 2 ** 20)}`;
    // Secrets stand in the environment of the server; a model needs nothing of it.
    this.child = spawn(
      process.execPath,
      [heap, '--max-semi-space-size=4', CHILD, String(memoryBytes), String(process.pid)],
      { stdio: ['ignore', 'pipe', 'inherit', 'pipe', file], env: { MALLOC_ARENA_MAX: '2' } },
    );
    const words = boundedText(this.child.stdout as Readable);
    this.socket = this.child.stdio[SOCKET] as Socket;
    this.socket.on('data', (piece) => this.take(piece));
    // The kernel tells so who has written what is not read any more (EPIPE, ECONNRESET). Its end follows, and tells why.
    this.socket.on('error', () => {
      this.hasLeftUnread = true;
      this.child.kill('SIGKILL');
    });
    this.ended = new Promise((resolve) => {
      const end = (death: ProcessDeath): void => {
        this.death ??= death;
        this.asked?.reject(this.death);
        resolve(this.death);
      };
      this.child.once('error', ({ message }) =>
        end(new ProcessDeath('exited', `it did not start (${message})`)),
      );
      this.child.once('close', (code, signal) => end(lastWordsIn(words()) ?? deathBy(code, signal)));
    });
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /**
   * Asks a question; there is no other one before its answer.
   * @throws ProcessDeath if it ends before it answers
   */
  ask(question: Question, tensors: readonly FramedTensor[] = []): Promise<Frame<Answer>> {
    return new Promise((resolve, reject) => {
      // The socket may have closed before its end is known.
      this.hasLeftUnread = !this.socket.writable;
      if (this.death !== undefined) return reject(this.death);
      this.asked = { resolve, reject };
      this.socket.cork();
      for (const piece of piecesOf(question, tensors)) this.socket.write(piece);
      this.socket.uncork();
    });
  }

  /** Ends it at once, whatever it is doing: native code hears no other signal. */
  kill(kind: DeathKind, reason: string): void {
    this.death ??= new ProcessDeath(kind, reason);
    this.child.kill('SIGKILL');
  }

  private take(piece: Buffer): void {
    try {
      for (let at = 0; at < piece.length;) {
        const { target } = this.reader;
        const some = piece.subarray(at, at + target.length - this.filled);
        target.set(some, this.filled);
        at += some.length;
        this.filled += some.length;
        if (this.filled < target.length) return;
        this.filled = 0;
        const frame = this.reader.filled();
        if (frame !== undefined) this.answer(frame);
      }
    } catch (error) {
      this.socket.removeAllListeners('data').resume();
      this.kill('malformed', `its answer was malformed: ${(error as Error).message}`);
    }
  }

  private answer(frame: Frame): void {
    if (this.death !== undefined) return;
    const { asked } = this;
    this.asked = undefined;
    if (asked === undefined) return this.kill('malformed', 'it answered what nobody had asked');
    asked.resolve(frame as Frame<Answer>);
  }
}

/** What it has said of its own end. */
function lastWordsIn(output: string): ProcessDeath | undefined {
  try {
    const { kind, reason } = JSON.parse(output.split('\n', 1)[0]!) as { kind: DeathKind; reason: string };
    return DEATH_KINDS.some((each) => each === kind) ? new ProcessDeath(kind, reason) : undefined;
  } catch {
    return undefined;
  }
}

function deathBy(code: number | null, signal: NodeJS.Signals | null): ProcessDeath {
  if (signal === null) return new ProcessDeath('exited', `it ended by itself (exit code ${code})`);
  if (CRASHES.includes(signal)) return new ProcessDeath('crashed', `it crashed (${signal})`);
  return new ProcessDeath('killed', `it was killed (${signal})`);
}
