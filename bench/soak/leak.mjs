// Loaded into the control server by `--import`: holds 16 KiB of every request for ever, a descriptor of every two hundredth,
// and a process of every thousandth, which ends with its standard input.
import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { Server } from 'node:http';

const kept = [];
const { emit } = Server.prototype;
Server.prototype.emit = function (event, ...rest) {
  if (event === 'request') {
    const requests = kept.push(Buffer.alloc(16_384, 1));
    if (requests % 200 === 0) openSync('/dev/null', 'r');
    if (requests % 1_000 === 0) kept.push(spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'] }));
  }
  return emit.call(this, event, ...rest);
};
