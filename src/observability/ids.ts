import { randomFillSync } from 'node:crypto';

/** Random bytes of one id; their 20 hexadecimal digits are one more than it needs. */
const BYTES = 10;
/** A draw costs nearly the same for one id as for so many. */
const drawn = Buffer.alloc(256 * BYTES);

let millisecond = 0;
let prefix = '';
let digits = '';
let next = 0;

/** A new UUIDv7 (RFC 9562): 48 bits of time, then the version and 12 random bits, then the variant and 62 random bits. */
export function newId(): string {
  const now = Date.now();
  if (now !== millisecond) {
    const time = now.toString(16).padStart(12, '0');
    millisecond = now;
    prefix = `${time.slice(0, 8)}-${time.slice(8)}-7`;
  }
  if (next === digits.length) draw();
  const at = next;
  next += 2 * BYTES;
  return `${prefix}${digits.slice(at + 1, at + 4)}-${digits.slice(at + 4, at + 8)}-${digits.slice(at + 8, next)}`;
}

function draw(): void {
  randomFillSync(drawn);
  // The variant stands in the two highest bits of the third byte.
  for (let at = 2; at < drawn.length; at += BYTES) drawn[at] = (drawn[at]! & 0x3f) | 0x80;
  digits = drawn.toString('hex');
  next = 0;
}
