import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import type { Server } from './server.js';
import { childrenOf, untilGone } from './worker-processes.js';

export interface SentAnswer {
  readonly status: number;
  readonly body: string;
}
/** Sends a request by a connection that stays, so always to the same worker. */
export type Send = (method: string, path: string, body?: unknown, headers?: object) => Promise<SentAnswer>;

/** So many connections reach both of two workers: they are dealt out in turn. */
export const CONNECTIONS = 6;

/** A connection that ends with the test. @param headers of each request */
export function connectionTo(server: Server, headers: object = {}): Send {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  return (method, path, body, more) =>
    new Promise((resolve, reject) => {
      const sent = request(server.url + path, {
        agent,
        method,
        headers: { 'content-type': 'application/json', ...headers, ...more },
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

/** The process that is this worker of a server. */
export const workerOf = (server: Server, slot: number): number =>
  childrenOf(server.pid).find((pid) =>
    readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`--worker=${slot}`),
  )!;

/** Kills a worker; when this resolves its server knows, and deals no connection out to it. */
export async function killWorker(server: Server, slot: number): Promise<void> {
  const pid = workerOf(server, slot);
  process.kill(pid, 'SIGKILL');
  await untilGone([pid]);
}
