import { randomFillSync } from 'node:crypto';

/** Characters of an id that are drawn: its last 21, and one that is left over. */
const DRAWN = 22;
/** A draw costs nearly the same for one id as for so many. */
const random = Buffer.alloc((256 * DRAWN) / 2);
const [HYPHEN] = Buffer.from('-');
const VARIANTS = Buffer.from('89ab');

let millisecond = 0;
let prefix = '';
let drawn = '';
let next = 0;

/** A new UUIDv7 (RFC 9562): 48 bits of time, then the version and 12 random bits, then the variant and 62 random bits. */
export function newId(): string {
  const now = Date.now();
  if (now !== millisecond) {
    const time = now.toString(16).padStart(12, '0');
    millisecond = now;
    prefix = `${time.slice(0, 8)}-${time.slice(8)}-7`;
  }
  if (next === drawn.length) draw();
  const at = next;
  next += DRAWN;
  return prefix + drawn.slice(at, at + 21);
}

/** Characters of a salt: 132 random bits in base64url. */
const SALT = 22;
/** Whole groups of three bytes, so that the text has no padding. */
const saltBytes = Buffer.alloc((256 * SALT * 3) / 4);
let salts = '';
let nextSalt = 0;

/** A text that nobody can guess and that stands nowhere else. */
export function newSalt(): string {
  if (nextSalt === salts.length) {
    salts = randomFillSync(saltBytes).toString('base64url');
    nextSalt = 0;
  }
  const at = nextSalt;
  nextSalt += SALT;
  return salts.slice(at, nextSalt);
}

const UUID7 = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** When an id was made, in milliseconds since 1970; undefined for a text that is none of a UUIDv7. */
export function timeOfId(id: string): number | undefined {
  const [, high, low] = UUID7.exec(id) ?? [];
  return high === undefined ? undefined : Number.parseInt(`${high}${low}`, 16);
}

/** Writes the ends of many ids as they will stand: to put each together from its parts costs more than all else. */
function draw(): void {
  randomFillSync(random);
  const text = Buffer.from(random.toString('hex'));
  for (let at = 0; at < text.length; at += DRAWN) {
    text[at + 3] = HYPHEN!;
    text[at + 4] = VARIANTS[random[at / 2 + 2]! >> 6]!;
    text[at + 8] = HYPHEN!;
  }
  drawn = text.toString('latin1');
  next = 0;
}
