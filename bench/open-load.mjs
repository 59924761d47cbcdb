// A process of its own, forked by hot-load.mjs: calls at a fixed rate whatever the answers do (open loop), single rows
// over kept-alive connections and a batch beside them. Every reply must be 200 and name one of the versions; the ids of
// all predictions are written to a file, to be compared with the records.
import { createWriteStream } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';

const TICK_MS = 5;
const TIMEOUT_MS = 10_000;
const { port, path, row, rate, batchPath, batchRows, batchRate, folder } = JSON.parse(process.argv[2]);

const totals = { asked: 0, answered: 0, rows: 0, failures: 0, mixed: 0, versions: {} };
const failures = [];
let latencies = [];
let file = open(0);

class Connection {
  constructor() {
    this.socket = connect(port, '127.0.0.1').setNoDelay(true).setEncoding('latin1');
    this.socket.on('data', (text) => this.read(text));
    this.socket.on('error', (error) => this.broke(error.message));
    this.socket.on('close', () => this.broke('the connection was closed'));
    this.text = '';
    this.call = undefined;
  }

  send(call) {
    this.call = call;
    this.socket.write(call.bytes);
  }

  read(text) {
    this.text += text;
    const head = this.text.indexOf('\r\n\r\n');
    if (head === -1) return;
    const length = /^content-length: (\d+)$/im.exec(this.text.slice(0, head))?.[1];
    if (length === undefined) return this.broke(`no content-length: ${this.text.slice(0, 200)}`);
    if (this.text.length < head + 4 + Number(length)) return;
    const { call } = this;
    const status = Number(this.text.slice(9, 12));
    const body = this.text.slice(head + 4);
    [this.text, this.call] = ['', undefined];
    answered(call, status, body);
    if (waiting.length > 0) this.send(waiting.shift());
    else call.idle.push(this);
  }

  broke(reason) {
    this.socket.destroy();
    if (this.call !== undefined) fail(`${this.call.what}: ${reason}`);
    this.call = undefined;
    for (const { idle } of [single, batch]) if (idle.includes(this)) idle.splice(idle.indexOf(this), 1);
  }
}

/** Calls that found every connection busy. */
const waiting = [];
const single = calls('single', path, row, 64);
const batch = calls('batch', batchPath, { instances: Array.from({ length: batchRows }, () => row) }, 4);

function calls(what, path, content, most) {
  const body = JSON.stringify(content);
  const head = `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json`;
  const bytes = `${head}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
  return { what, bytes, idle: [], opened: 0, most };
}

function ask(kind) {
  totals.asked++;
  const call = { ...kind, idle: kind.idle, due: performance.now() };
  const free = kind.idle.pop();
  if (free !== undefined) free.send(call);
  else if (kind.opened < kind.most) {
    kind.opened++;
    new Connection().send(call);
  } else waiting.push(call);
}

function answered(call, status, body) {
  const ms = performance.now() - call.due;
  if (ms > TIMEOUT_MS) return fail(`${call.what}: an answer after ${ms.toFixed(0)} ms`);
  if (status !== 200) return fail(`${call.what}: ${status} ${body.slice(0, 300)}`);
  const reply = JSON.parse(body);
  const predictions = reply.predictions ?? [reply];
  totals.answered++;
  totals.rows += predictions.length;
  if (call.what === 'single') latencies.push(ms);
  const [{ version }] = predictions;
  if (predictions.some((each) => each.version !== version)) totals.mixed++;
  totals.versions[version] = (totals.versions[version] ?? 0) + 1;
  for (const each of predictions) file.write(`${each.prediction_id} ${each.version}\n`);
}

function fail(reason) {
  totals.failures++;
  if (failures.length < 20) failures.push(`${new Date().toISOString()} ${reason}`);
}

function open(number) {
  return createWriteStream(join(folder, `answers-${number}.txt`));
}

const started = performance.now();
let [asked, askedBatches, number] = [0, 0, 0];
const timer = setInterval(() => {
  const seconds = (performance.now() - started) / 1000;
  for (; asked < seconds * rate; asked++) ask(single);
  for (; askedBatches < seconds * batchRate; askedBatches++) ask(batch);
}, TICK_MS);

/** `turn`: begins a new file of answers; `stop`: asks no more, and waits for what is asked. */
process.on('message', (order) => void tell(order));
process.on('disconnect', () => process.exit(1));

async function tell(order) {
  if (order === 'stop') {
    clearInterval(timer);
    const until = performance.now() + TIMEOUT_MS;
    const open = () => totals.asked - totals.answered - totals.failures;
    while (open() > 0 && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 20));
    for (let left = open(); left > 0; left--) fail('no answer');
  }
  const before = file;
  file = open(++number);
  await new Promise((resolve) => before.end(resolve));
  const sorted = latencies.toSorted((a, b) => a - b);
  latencies = [];
  const at = (share) => sorted[Math.floor(sorted.length * share)] ?? 0;
  const ms = { p50: at(0.5), p99: at(0.99), p999: at(0.999), max: sorted.at(-1) ?? 0 };
  const seconds = (performance.now() - started) / 1000;
  process.send({ file: before.path, totals, failures, ms, seconds });
  if (order === 'stop') process.exit(0);
}
