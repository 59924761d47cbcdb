import { gzipSync } from 'node:zlib';

/** A body that is cheap to send and dear to read; `make` gives about so many bytes of it. */
export interface HostileBody {
  readonly name: string;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly make: (bytes: number) => string | Buffer;
}

/** Parts, told by their number, until there are `bytes`. */
function filled(part: (index: number) => string, bytes: number): string {
  const parts: string[] = [];
  for (let index = 0, length = 0; length < bytes; index++)
    length += parts[parts.push(part(index)) - 1]!.length;
  return parts.join('');
}

const times = (part: string, bytes: number): string => part.repeat(Math.max(1, bytes / part.length));
const short = (index: number): string => index.toString(36);
const listOf =
  (part: (index: number) => string) =>
  (bytes: number): string =>
    `[${filled((index) => `${part(index)},`, bytes)}0]`;
const objectOf =
  (name: (index: number) => string) =>
  (bytes: number): string =>
    `{${filled((index) => `"${name(index)}":0,`, bytes)}"":0}`;
const object = (fields: number, index: number): string =>
  `{${Array.from({ length: fields }, (_, field) => `"${short(index * fields + field)}":0`).join()}}`;
const shuffled = (index: number): string => {
  const names = 'abcdefghijkl'.split('');
  for (let at = 11; at > 0; at--) {
    const other = ((index * 2_654_435_761 + at * 40_503) >>> 3) % (at + 1);
    [names[at], names[other]] = [names[other]!, names[at]!];
  }
  return `{${names.map((name) => `"${name}":0`).join()}}`;
};
const inRows =
  (make: (bytes: number) => string) =>
  (bytes: number): string =>
    `{"instances":${make(bytes)}}`;
const inColumns =
  (make: (bytes: number) => string) =>
  (bytes: number): string =>
    `{"ref":[1],"text":${make(bytes)}}`;
const inText =
  (make: (bytes: number) => string) =>
  (bytes: number): string =>
    JSON.stringify(make(bytes));

/** What a parser of JSON may meet; `inText`, `inRows` and `inColumns` put it where the doors look for it. */
const DOCUMENTS: Readonly<Record<string, (bytes: number) => string>> = {
  'open lists': (bytes) => times('[', bytes),
  'closed nested lists': (bytes) => times('[', bytes / 2) + times(']', bytes / 2),
  'nested objects': (bytes) => `${times('{"a":', bytes)}0${times('}', bytes / 5)}`,
  'nested objects of many names': (bytes) => filled((index) => `{"${short(index)}":`, bytes),
  'empty lists': listOf(() => '[]'),
  'empty objects': listOf(() => '{}'),
  'whole numbers': listOf(() => '1'),
  'numbers and texts': listOf((index) => (index % 2 ? '0.5' : '""')),
  'short texts': listOf((index) => `"${short(index)}"`),
  'escaped texts': listOf(() => '"\\u0141"'),
  words: listOf(() => 'null'),
  'an object of short names': objectOf(short),
  'an object of long names': objectOf((index) => short(index) + 'x'.repeat(40)),
  'an object of numbers': objectOf((index) => String((index * 1009) % 4_294_967_291)),
  'an object of large numbers': objectOf((index) => String(4_294_967_296 + index * 16_777_216)),
  'an object of one name': objectOf(() => 'a'),
  'an object of __proto__': objectOf(() => '__proto__'),
  'an object of escaped names': objectOf((index) => `\\u0061${short(index)}`),
  'objects of a name each': listOf((index) => object(1, index)),
  'objects of 10 names': listOf((index) => object(10, index)),
  'objects of 30 names': listOf((index) => object(30, index)),
  'objects of 160 names': listOf((index) => object(160, index)),
  'objects of shuffled names': listOf(shuffled),
  'a long number': (bytes) => times('1', bytes),
  'numbers halfway between two': listOf(() => `9007199254740993.${'0'.repeat(780)}1`),
  'tiny numbers': listOf(() => '1e-320'),
  'a text of escapes': (bytes) => `"${times('\\u0041', bytes)}"`,
  'a text of quotes': (bytes) => `"${times('\\"', bytes)}"`,
  'a text of commas': (bytes) => `"${times(',', bytes)}"`,
  'a text without an end': (bytes) => `"${times('x', bytes)}`,
};

const PLACED = [
  'closed nested lists',
  'empty objects',
  'objects of 30 names',
  'whole numbers',
  'short texts',
];
const placed = (
  where: string,
  place: (make: (bytes: number) => string) => (bytes: number) => string,
): HostileBody[] => PLACED.map((name) => ({ name: `${name}, ${where}`, make: place(DOCUMENTS[name]!) }));

const FORM = 'application/x-www-form-urlencoded';

/** Every kind, whatever route it is sent to. */
export const HOSTILE_BODIES: readonly HostileBody[] = [
  ...Object.entries(DOCUMENTS).map(([name, make]) => ({ name, make })),
  ...placed('as rows', inRows),
  ...placed('as texts of a column', inColumns),
  ...placed('in a JSON text', inText),
  { name: 'numbers as a JSON text', make: (bytes) => `"${times('1,', bytes)}1"` },
  { name: 'blanks', make: (bytes) => `${times(' ', bytes)}{` },
  { name: 'lines', make: (bytes) => `${times('\n', bytes)}?` },
  { name: 'bytes that are no UTF-8', make: (bytes) => Buffer.alloc(bytes, 0xff) },
  { name: 'zeros', make: (bytes) => Buffer.alloc(bytes) },
  { name: 'a form of names', type: FORM, make: (bytes) => filled((index) => `k${index}&`, bytes) },
  { name: 'a form of escapes', type: FORM, make: (bytes) => times('%ff', bytes) },
  { name: 'a tar of nothing', type: 'application/x-tar', make: (bytes) => Buffer.alloc(bytes, 0x61) },
  { name: 'plain text', type: 'text/plain', make: (bytes) => times('{', bytes) },
  { name: 'parts', type: 'multipart/form-data; boundary=x', make: (bytes) => times('--x\r\n', bytes) },
  { name: 'no type', type: '', make: (bytes) => times('[', bytes) },
  {
    name: 'a compressed body',
    headers: { 'content-encoding': 'gzip' },
    make: (bytes) => {
      const member = gzipSync(Buffer.alloc(1_048_576));
      return Buffer.concat(Array.from({ length: bytes / member.length }, () => member));
    },
  },
];
