// What differs between two servers, told apart by kind and counted.
import { gunzipSync } from 'node:zlib';
import { headOf } from './connection.mjs';

const ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const DATE = /^(date: )\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r?$/gim;
/** Characters shown before and behind the first that differs. */
const AROUND = 160;
const SHOWN_PER_KIND = 3;

/**
 * Gives the ids of one server numbers, in the order in which they are met. Between servers the numbers are equal where
 * the same id stands in the same places: in a reply, in its header and in its record.
 */
export class Ids {
  numbers = new Map();

  mask(text) {
    return text.replaceAll(ID, (id) => {
      let number = this.numbers.get(id);
      if (number === undefined) this.numbers.set(id, (number = this.numbers.size + 1));
      return `<id ${number}>`;
    });
  }
}

/** A reply, or several, without date and ids. */
export const maskReply = (text, ids) => ids.mask(unpacked(text).replaceAll(DATE, '$1<date>'));

/** How long a packed body is depends on the ids in it. */
function unpacked(reply) {
  const head = headOf(reply);
  if (!/^content-encoding: gzip\r?$/im.test(head)) return reply;
  const body = gunzipSync(Buffer.from(reply.slice(head.length + 4), 'latin1')).toString('latin1');
  return `${head.replace(/^(content-length: )\d+/im, '$1<length>')}\r\n\r\n${body}`;
}

/** Collects differences. */
export class Differences {
  count = 0;
  kinds = new Map();

  /** `about`: what was asked, in words; `mine` and `others`: the two texts. */
  add(kind, about, mine, others) {
    this.count++;
    const known = this.kinds.get(kind) ?? { count: 0, shown: [] };
    this.kinds.set(kind, known);
    if (++known.count <= SHOWN_PER_KIND) known.shown.push({ about, ...excerpts(mine, others) });
  }

  /** Compares what one call got from both. */
  reply(call, mine, others) {
    if (mine.connection !== others.connection) {
      this.add('connection', describe(call), mine.connection, others.connection);
    }
    if (mine.reply === others.reply) return;
    const [a, b] = [mine.reply, others.reply].map((text) => text.split(/(?=HTTP\/1\.1 \d{3} )/));
    if (a.length === b.length) a.forEach((reply, at) => this.replyText(call, reply, b[at]));
    else this.add('number of replies', describe(call), mine.reply, others.reply);
  }

  replyText(call, mine, others) {
    if (mine === others) return;
    const [a, b] = [partsOf(mine), partsOf(others)];
    // A page of another origin sends `Origin`; whether others get headers for such pages is a question of its own.
    const unasked = /^origin:/im.test(call.bytes.toString('latin1')) ? '' : ', no Origin sent';
    const parts = [...new Set([...a.keys(), ...b.keys()])].filter((part) => a.get(part) !== b.get(part));
    if (parts.length === 0) this.add('order of headers', describe(call), mine, others);
    for (const part of parts) {
      const kind = /^header (access-control|vary)/.test(part) ? part + unasked : part;
      this.add(kind, describe(call), a.get(part) ?? '(none)', b.get(part) ?? '(none)');
    }
  }

  /** Compares two maps, or the lines of two lists, entry by entry. */
  entries(kind, mine, others) {
    const [a, b] = [mine, others].map((each) => (Array.isArray(each) ? new Map(each.entries()) : each));
    for (const key of new Set([...a.keys(), ...b.keys()])) {
      if (a.get(key) !== b.get(key))
        this.add(kind, String(key), a.get(key) ?? '(none)', b.get(key) ?? '(none)');
    }
  }

  /** What was found, for people; empty: nothing. */
  text() {
    const kinds = [...this.kinds].toSorted(([, a], [, b]) => b.count - a.count);
    return kinds
      .map(([kind, { count, shown }]) => {
        const first = shown.map(
          ({ about, mine, others }) => `  ${about}\n    this:  ${mine}\n    other: ${others}`,
        );
        return [`${kind}: ${count}`, ...first].join('\n');
      })
      .join('\n');
  }
}

function partsOf(reply) {
  const head = headOf(reply);
  const [status, ...lines] = head.split('\r\n');
  const parts = new Map([['status', status]]);
  for (const line of lines) {
    const part = `header ${line.split(':', 1)[0].toLowerCase()}`;
    parts.set(part, parts.has(part) ? `${parts.get(part)}\n${line}` : line);
  }
  return parts.set('body', reply.slice(head.length + 4));
}

/** Both texts from shortly before the first character that differs. */
function excerpts(mine, others) {
  let at = 0;
  while (at < mine.length && mine[at] === others[at]) at++;
  const from = Math.max(0, at - AROUND);
  const cut = (text) => {
    const part = JSON.stringify(readable(text.slice(from, at + AROUND)));
    return `${from > 0 ? '…' : ''}${part}${at + AROUND < text.length ? '…' : ''}`;
  };
  return { mine: cut(mine), others: cut(others) };
}

/** Texts are compared byte by byte, a character each. */
const readable = (text) => Buffer.from(text, 'latin1').toString();

function describe({ stage, door, bytes }) {
  const text = bytes.toString('latin1');
  return `${stage}, ${door}: ${JSON.stringify(readable(text.slice(0, 600)))}${text.length > 600 ? `… (${text.length} bytes)` : ''}`;
}
