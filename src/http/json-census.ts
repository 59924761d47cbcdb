import type { BodyForm } from '../inputs/body-form.js';

const [QUOTE, BACKSLASH, COLON, COMMA, BRACE, BRACKET] = Buffer.from('"\\:,{[');
const [SPACE, TAB, LINE_FEED, RETURN] = Buffer.from(' \t\n\r');
/** What is looked at of a body to tell whether it is worth counting: so many places, so many bytes at each. */
const PLACES = 64;
const PLACE_BYTES = 512;
/** Parsed in time whatever its values are, if each has so many bytes, and its names are known. */
const BYTES_PER_VALUE = 16;
const STRAYS_PER_PLACE = 1;
/** So that nobody can prepare names which look like others. */
const SEED = (Math.random() * 2 ** 32) | 0;

type Counted = 'containers' | 'items' | 'fields' | 'strays';

/**
 * What a body holds more of than its form allows, each counted up to its limit; undefined: nothing. A few places tell
 * of most bodies that they cannot be dear, at a hundredth of what it takes to parse them; only the others are counted
 * through. The places are taken at random, so that nobody can write between them.
 */
export function surplusOf(body: Buffer, form: BodyForm): Counted | undefined {
  const known = hashesOf(form.names);
  return looksCheap(body, known) ? undefined : count(body, form, new Set(known));
}

function looksCheap(body: Buffer, known: ReadonlySet<number>): boolean {
  let values = 0;
  let strays = 0;
  for (let place = 0; place < PLACES; place++) {
    const start = Math.floor(Math.random() * Math.max(1, body.length - PLACE_BYTES));
    const end = Math.min(start + PLACE_BYTES, body.length);
    let hash = SEED;
    for (let at = start; at < end; at++) {
      const byte = body[at]!;
      if (byte === COMMA || byte === BRACE || byte === BRACKET) values++;
      if (byte !== QUOTE) {
        hash = mix(hash, byte);
        continue;
      }
      // Whether a text begins or ends here is not known; but only after its end stands a colon.
      if (isName(body, at + 1, end) && !known.has(hash)) strays++;
      hash = SEED;
    }
  }
  const bytes = Math.min(PLACE_BYTES, body.length) * PLACES;
  return values * BYTES_PER_VALUE < bytes && strays < STRAYS_PER_PLACE * PLACES;
}

/** Exact for JSON; for anything else up to the place where it stops being JSON, as is the parser. */
function count(body: Buffer, form: BodyForm, known: Set<number>): Counted | undefined {
  let containers = 0;
  let fields = 0;
  let strays = 0;
  let commas = 0;
  for (let at = 0; at < body.length; at++) {
    const byte = body[at];
    if (byte === BRACE || byte === BRACKET) {
      if (++containers > form.containers) return 'containers';
    } else if (byte === COMMA) {
      // A list or object has a value more than commas; those that are not of objects are of lists.
      if (++commas - fields > form.items) return 'items';
    } else if (byte === QUOTE) {
      const start = at + 1;
      let hash = SEED;
      let isEscaped = false;
      for (at = start; at < body.length && body[at] !== QUOTE; at++) {
        hash = mix(hash, body[at]!);
        if (body[at] !== BACKSLASH) continue;
        isEscaped = true;
        hash = mix(hash, body[++at]!);
      }
      if (!isName(body, at + 1, body.length)) continue;
      if (++fields > form.fields) return 'fields';
      if (known.has(hash)) continue;
      if (isEscaped && isOneOf(form.names, body.toString('utf8', start - 1, at + 1))) known.add(hash);
      // Counted although it is known: there are many ways to write a name, and all callers keep to one.
      if (++strays > form.strays) return 'strays';
    }
  }
  return undefined;
}

/** Whether the text before `at` is the name of a field; no further than `end` is looked. */
function isName(body: Buffer, at: number, end: number): boolean {
  while (at < end && isBlank(body[at])) at++;
  return body[at] === COLON;
}

const isBlank = (byte: number | undefined): boolean =>
  byte === SPACE || byte === TAB || byte === LINE_FEED || byte === RETURN;

const mix = (hash: number, byte: number): number => Math.imul(hash ^ byte, 0x01000193);

function isOneOf(names: ReadonlySet<string>, quoted: string): boolean {
  try {
    return names.has(JSON.parse(quoted) as string);
  } catch {
    return false;
  }
}

const hashes = new WeakMap<ReadonlySet<string>, ReadonlySet<number>>();

/** Of the names as they are written without escapes. */
function hashesOf(names: ReadonlySet<string>): ReadonlySet<number> {
  let known = hashes.get(names);
  if (known === undefined) {
    known = new Set(
      [...names].map((name) => Buffer.from(JSON.stringify(name).slice(1, -1)).reduce(mix, SEED)),
    );
    hashes.set(names, known);
  }
  return known;
}
