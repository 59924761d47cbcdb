// `npm run bench:strangers`: what a million unknown keys cost, by themselves and as calls of a server.
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { newKey } from '../dist/access/api-key.js';
import { KeyRing } from '../dist/access/key-ring.js';
import { Strangers } from '../dist/access/strangers.js';
import { optionsOf } from './command-line.mjs';
import { writeKeys } from './keys.mjs';
import { BenchFault, sayMachine, tellFault } from './machine.mjs';
import { startNestor } from './server.mjs';

const HELP = `npm run bench:strangers -- [--keys 1000000] [--calls 200000]

Unknown keys from as many addresses, IPv4 and IPv6: CPU of looking a key up and of counting its address, and memory before and after.
Then calls with unknown keys to a server, from this address: its memory, and whether a good key passes meanwhile. Exit code 1 if to
count an address costs 2 µs or more, if memory grows by more than 1 MiB (of the server 8), or if the good key is refused.`;
const LIMIT_US = 2;
const LIMIT_MIB = 1;
const LIMIT_OF_SERVER_MIB = 8;
const CHUNK = 50_000;
const CONNECTIONS = 16;
const PIPELINED = 32;

const values = optionsOf(HELP, { keys: '1000000', calls: '200000' });
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
const folder = mkdtempSync(join(tmpdir(), 'nestor-strangers-'));
const {
  env,
  keys: [good],
} = writeKeys(folder, [{ scopes: ['predict'] }]);
let server;
try {
  sayMachine();
  countAlone(Number(values.keys));
  server = await startNestor(undefined, folder, env);
  await callServer(Number(values.calls));
} catch (error) {
  tellFault(error);
} finally {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
}

function countAlone(total) {
  const ring = new KeyRing(env.API_KEYS_FILE, { info: () => undefined, warn: () => undefined });
  const strangers = new Strangers();
  const found = { findUs: 0, addUs: 0, limited: 0 };
  const memory = [];
  for (let done = 0; done < total; done += CHUNK) {
    countSome(ring, strangers, done, found);
    collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    memory.push((heapUsed + arrayBuffers) / 2 ** 20);
  }
  ring.close();
  const grown = memory.at(-1) - memory[0];
  const [find, add] = [found.findUs / total, found.addUs / total];
  console.log(
    `${total} unknown keys from as many addresses: ${find.toFixed(2)} µs to look one up, ${add.toFixed(2)} µs to count its address; ` +
      `${found.limited} told to wait; memory grew by ${grown.toFixed(2)} MiB after the first ${CHUNK}`,
  );
  if (add >= LIMIT_US) throw new BenchFault(`to count an address takes ${LIMIT_US} µs or more`);
  if (grown > LIMIT_MIB) throw new BenchFault('memory grows');
}

/** Keys and addresses are made before the clock runs, and none of them is left when it returns. */
function countSome(ring, strangers, first, found) {
  const keys = Array.from({ length: CHUNK }, () => newKey().key);
  const addresses = keys.map((_, index) => addressOf(first + index));
  found.findUs += cpuOf(() => {
    for (const key of keys) if (ring.find(key) !== undefined) throw new BenchFault('a key was guessed');
  });
  found.addUs += cpuOf(() => {
    for (const address of addresses) if (strangers.add(address) !== undefined) found.limited++;
  });
}

function cpuOf(work) {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

/** Every other one IPv6. */
function addressOf(number) {
  const [high, low] = [Math.floor(number / 65_536) % 256, number % 65_536];
  if (number % 2 === 0) return `10.${high}.${low >> 8}.${low & 255}`;
  return `2001:db8:${high.toString(16)}:${low.toString(16)}::${(number % 7).toString(16)}`;
}

async function callServer(total) {
  const share = Math.ceil(total / CONNECTIONS / PIPELINED);
  const run = (rounds) => Promise.all(Array.from({ length: CONNECTIONS }, () => strangerCalls(rounds)));
  await run(Math.ceil(share / 4));
  const before = server.memory().now;
  const cpu = server.cpuSeconds();
  let passed = 0;
  const timer = setInterval(() => void passes().then(() => passed++), 250);
  const seen = (await run(share)).flat();
  clearInterval(timer);
  await passes();
  const counts = Object.fromEntries(
    Map.groupBy(seen, (status) => status)
      .entries()
      .map(([s, all]) => [s, all.length]),
  );
  const us = ((server.cpuSeconds() - cpu) / seen.length) * 1e6;
  const grown = server.memory().now - before;
  console.log(
    `${seen.length} calls with unknown keys: ${JSON.stringify(counts)}, ${us.toFixed(0)} µs each; the good key passed ${passed + 1} times; ` +
      `memory of the server ${before.toFixed(0)} MiB, grown by ${grown.toFixed(1)}`,
  );
  if (grown > LIMIT_OF_SERVER_MIB) throw new BenchFault('the memory of the server grows');
}

async function passes() {
  const { status } = await server.call('GET', '/models', undefined, { 'x-api-key': good });
  if (status !== 200) throw new BenchFault(`the good key got ${status}`);
}

/** The statuses of so many rounds of calls on one connection. */
async function strangerCalls(rounds) {
  const socket = connect(server.port, '127.0.0.1').setEncoding('latin1');
  const statuses = [];
  let wake;
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
    const heads = [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)];
    const bodies = text.split('"error":').length - 1;
    if (heads.length < PIPELINED || bodies < PIPELINED || !text.endsWith('}')) return;
    statuses.push(...heads.map(([, status]) => status));
    text = '';
    wake();
  });
  for (let round = 0; round < rounds; round++) {
    const answered = new Promise((resolve) => (wake = resolve));
    const calls = Array.from(
      { length: PIPELINED },
      () => `GET /models HTTP/1.1\r\nhost: x\r\nx-api-key: ${newKey().key}\r\n\r\n`,
    );
    socket.write(calls.join(''));
    await answered;
  }
  socket.destroy();
  return statuses;
}
