import { once } from 'node:events';
import { connect } from 'node:net';

/** A request by hand: its target stands on the wire as it is here. */
export interface RawRequest {
  readonly id: string;
  readonly method: string;
  readonly target: string;
  /** Whole lines. */
  readonly headers: readonly string[];
}

/** A reply, without its body. */
export interface RawReply {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** Sends requests without bodies on one connection, one behind the other, none waiting for a reply; by their ids. */
export async function pipelined(
  port: number,
  requests: readonly RawRequest[],
): Promise<ReadonlyMap<string, RawReply>> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const replies = new Map<string, RawReply>();
  const texts = requests.map(({ id, method, target, headers }) =>
    [`${method} ${target} HTTP/1.1`, `x-request-id: ${id}`, ...headers, '', ''].join('\r\n'),
  );
  socket.write(texts.join(''));
  let received = Buffer.alloc(0);
  let next = 0;
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    received = Buffer.concat([received, chunk]);
    for (let length; next < requests.length; next++) {
      length = lengthOf(received, requests[next]!.method);
      if (length === undefined) break;
      const text = received.toString('latin1', 0, length);
      const [head = ''] = text.split('\r\n\r\n', 1);
      const id = /^x-request-id: (.*)$/im.exec(head)?.[1];
      if (id !== requests[next]!.id) throw new Error(`another reply than that to ${texts[next]}: ${head}`);
      replies.set(id, { status: Number(head.slice(9, 12)), head, body: text.slice(head.length + 4) });
      received = received.subarray(length);
    }
    if (next === requests.length) break;
  }
  socket.destroy();
  if (next < requests.length) throw new Error(`no reply to ${texts[next]}`);
  return replies;
}

/** Bytes of the first reply; undefined: it has not arrived whole. */
function lengthOf(received: Buffer, method: string): number | undefined {
  const end = received.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const head = received.toString('latin1', 0, end);
  const begin = end + 4;
  if (method === 'HEAD' || /^HTTP\/1.1 (204|304)/.test(head)) return begin;
  const length = /^content-length: (\d+)/im.exec(head)?.[1];
  if (length !== undefined) {
    const whole = begin + Number(length);
    return whole <= received.length ? whole : undefined;
  }
  const last = received.indexOf('0\r\n\r\n', begin);
  return last < 0 ? undefined : last + 5;
}
