import { Agent, request } from 'node:http';

export interface KeptAnswer {
  readonly status: number;
  readonly body: string;
}

/** Sends a request by a connection that stays, so always to the same worker. @throws if it ends before the answer */
export type Send = (method: string, path: string, body?: unknown, headers?: object) => Promise<KeptAnswer>;

/** So many connections reach both of two workers: they are dealt out in turn. */
export const CONNECTIONS = 6;

/** A connection to the server at `url` that lasts as long as a test, with these headers in each request. */
export function keptConnection(url: string, always: object = {}): Send {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  return (method, path, body, headers) =>
    new Promise((resolve, reject) => {
      const sent = request(url + path, {
        agent,
        method,
        headers: { 'content-type': 'application/json', ...always, ...headers },
      });
      sent.on('error', reject).on('response', (reply) => {
        let text = '';
        reply.setEncoding('utf8').on('data', (part: string) => (text += part));
        reply.on('end', () => resolve({ status: reply.statusCode!, body: text })).on('error', reject);
      });
      sent.end(body === undefined || Buffer.isBuffer(body) ? body : JSON.stringify(body));
    });
}

/** What each connection is answered, each answer once. */
export async function answers<T>(all: readonly Send[], ask: (send: Send) => Promise<T>): Promise<T[]> {
  return [...new Set(await Promise.all(all.map(ask)))];
}
