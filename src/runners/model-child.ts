import { createHash } from 'node:crypto';
import { readSync, writevSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { FrameReader } from './frame-reader.js';
import type { TensorData } from './graph.js';
import type { OnnxSession } from './onnx-session.js';
import { type Answer, type GraphSpec, MODEL_FILE, type Question, SOCKET } from './process-talk.js';
import { type Frame, type FramedTensor, piecesOf } from './tensor-frames.js';
import { tookTooMuch, watchThisProcess } from './watched-process.js';

// A process that runs the graph of one model for the server: `node model-child.js <memory in bytes> <process id of the
// parent>`. It computes or waits for a question, so it reads and writes without the event loop, which is quicker.

/** Read at once; the digest is made of as much. */
const PIECE = 16 * 2 ** 20;

const [memory, parent] = process.argv.slice(2);
const memoryBytes = Number(memory);
const lastWords = JSON.stringify({ kind: 'memory', reason: tookTooMuch('it', memoryBytes) });
await watchThisProcess({ memoryBytes, parent: Number(parent), lastWords });
// A terminal tells all its processes of Ctrl-C: the server still answers what it has, and ends this one then.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
const { OnnxSession: Session } = await import('./onnx-session.js');

const reader = new FrameReader();
let session: OnnxSession | undefined;
let names: readonly string[] = [];
for (let question = ask(); question !== undefined; question = ask()) {
  answer(question as Frame<Question>);
  // What the runtime has given is given back to it in a turn of the event loop.
  await nextTurn();
}
process.exit();

/** @returns the next question; undefined: the server has closed the socket. */
function ask(): Frame | undefined {
  for (;;) {
    const { target } = reader;
    for (let filled = 0; filled < target.length;) {
      const read = unlessGone(() => readSync(SOCKET, target, filled, target.length - filled, null));
      if (read === 0) return undefined;
      filled += read;
    }
    const frame = reader.filled();
    if (frame !== undefined) return frame;
  }
}

function answer({ head, tensors }: Frame<Question>): void {
  if ('open' in head) return send(open(head.open));
  try {
    const outputs = session!.run(tensors as readonly TensorData[]);
    // Nobody asks for their shapes: the decoder knows how many columns a row has.
    const fetched = names.map((name) => outputs[name]!);
    send(
      { done: true },
      fetched.map((data) => ({ data, dims: [data.length] })),
    );
  } catch (error) {
    send({ failed: (error as Error).message });
  }
}

function open({ digest, bytes, inputs, outputs, tensors, threads }: GraphSpec): Answer {
  const model = Buffer.allocUnsafeSlow(bytes);
  const hash = createHash('sha256');
  let length = 0;
  while (length < bytes) {
    const read = readSync(MODEL_FILE, model, length, Math.min(PIECE, bytes - length), length);
    if (read === 0) break;
    hash.update(model.subarray(length, length + read));
    length += read;
  }
  const actual = hash.digest('hex');
  names = outputs;
  if (actual !== digest)
    return { refused: `model.onnx has changed: expected sha256 ${digest}, actual ${actual}` };
  try {
    session = Session.load(model, inputs, outputs, threads);
  } catch (error) {
    return { refused: `model.onnx cannot be loaded: ${(error as Error).message}` };
  }
  const [difference] = session.differences(tensors);
  return difference === undefined ? { done: true } : { refused: difference };
}

function send(head: Answer, tensors?: readonly FramedTensor[]): void {
  let pieces = piecesOf(head, tensors);
  while (pieces.length > 0) {
    let written = unlessGone(() => writevSync(SOCKET, pieces));
    while (pieces.length > 0 && written >= pieces[0]!.byteLength) written -= pieces.shift()!.byteLength;
    if (written > 0) pieces = [pieces[0]!.subarray(written), ...pieces.slice(1)];
  }
}

/** Ends this process where the server has ended, and there is nobody to read from or to write to. */
function unlessGone(io: () => number): number {
  try {
    return io();
  } catch (error) {
    if (['ECONNRESET', 'EPIPE'].includes((error as NodeJS.ErrnoException).code ?? '')) process.exit();
    throw error;
  }
}
