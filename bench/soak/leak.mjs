// Loaded into the control server by `--import`: holds 2 KiB of every request for ever, and a descriptor of every
// thousandth.
import { openSync } from 'node:fs';
import { Server } from 'node:http';

const kept = [];
const { emit } = Server.prototype;
Server.prototype.emit = function (event, ...rest) {
  if (event === 'request' && kept.push(Buffer.alloc(2_048, 1)) % 1_000 === 0) openSync('/dev/null', 'r');
  return emit.call(this, event, ...rest);
};
