// What differs between two servers, told apart by kind and counted.
import { gunzipSync } from 'node:zlib';
import { headOf } from './connection.mjs';

const DATE = /^(date: )\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT(?=\r?$)/gim;
/** The times of a prediction, whose names stay. */
const TIMES = /(?<=^server-timing: .*dur=)[\d.e-]+/gim;
/** Characters shown before and behind the first that differs. */
const AROUND = 160;

/** The replies to one call, without dates, times, ids and the lengths of bodies, which follow from the ids in them. */
export function maskReplies(text, { name, bytes }, ids) {
  const replies = text
    .replaceAll(DATE, '$1<date>')
    .replaceAll(TIMES, '<time>')
    .split(/(?=HTTP\/1\.1 \d{3} )/);
  return replies.map((reply, at) =>
    ids.maskReply(withoutLength(reply), at === 0 ? name : `${name}, reply ${at + 1}`, bytes),
  );
}

/** A body that was packed is unpacked. Where a length is told, it is that of the body, unless there is none. */
function withoutLength(reply) {
  const head = headOf(reply);
  const body = reply.slice(head.length + 4);
  if (body === '') return reply;
  const isPacked = /^content-encoding: gzip\r?$/im.test(head);
  const unpacked = isPacked ? gunzipSync(Buffer.from(body, 'latin1')).toString('latin1') : body;
  const isRight = Number(/^content-length: (\d+)\r?$/im.exec(head)?.[1]) === body.length;
  return `${isRight ? head.replace(/^(content-length: )\d+/im, '$1<length>') : head}\r\n\r\n${unpacked}`;
}

/** Collects differences. */
export class Differences {
  count = 0;
  kinds = new Map();

  /** @param shown how many of each kind are shown. */
  constructor(exceptions, shown) {
    Object.assign(this, { exceptions, shown });
  }

  /** `about`: what was asked, in words; `mine` and `others`: the two texts. */
  add(kind, about, mine, others) {
    this.count++;
    const known = this.kinds.get(kind) ?? { count: 0, shown: [] };
    this.kinds.set(kind, known);
    if (++known.count <= this.shown) known.shown.push({ about, ...excerpts(mine, others) });
  }

  /** Compares what one call got from both: `replies`, and what became of the `connection`. */
  answers(call, mine, others) {
    const sent = call.bytes.toString('latin1');
    const fates = this.exceptions.without('connection', sent, fateOf(mine), fateOf(others));
    if (fates[0] !== fates[1]) this.add('connection', describe(call), ...fates);
    // Where it is meant that one of them says more, what both say is compared.
    const both = Math.min(mine.replies.length, others.replies.length);
    for (let at = 0; at < both; at++) this.reply(call, sent, mine.replies[at], others.replies[at]);
  }

  reply(call, sent, ...replies) {
    const [mine, others] = this.exceptions.without('reply', sent, ...replies);
    if (mine === others) return;
    const [a, b] = [partsOf(mine), partsOf(others)];
    // A page of another origin sends `Origin`; whether others get headers for such pages is a question of its own.
    const unasked = /^origin:/im.test(sent) ? '' : ', no Origin sent';
    const parts = [...new Set([...a.keys(), ...b.keys()])].filter((part) => a.get(part) !== b.get(part));
    if (parts.length === 0) this.add('order of headers', describe(call), mine, others);
    for (const part of parts) {
      const kind = /^header (access-control|vary)/.test(part) ? part + unasked : part;
      this.add(kind, describe(call), a.get(part) ?? '(none)', b.get(part) ?? '(none)');
    }
  }

  /** Compares two maps entry by entry: of records, or of counters. */
  entries(of, where, a, b) {
    for (const key of new Set([...a.keys(), ...b.keys()])) {
      const texts = [a, b].map((each) => (each.has(key) ? `${key} ${each.get(key)}` : ''));
      const [mine, others] = this.exceptions.without(of, key, ...texts);
      if (mine !== others) this.add(`${of} (${where})`, key, mine || '(none)', others || '(none)');
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

/** The statuses of all replies, and what became of the connection then. */
const fateOf = ({ replies, connection }) =>
  `${replies.map((reply) => reply.slice('HTTP/1.1 '.length, 'HTTP/1.1 '.length + 3)).join(' ')}: ${connection}`;

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
