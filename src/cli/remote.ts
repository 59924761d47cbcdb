import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Readable } from 'node:stream';
import { json } from 'node:stream/consumers';
import { setTimeout as after } from 'node:timers/promises';
import { isLoopbackHost } from '../config/loopback.js';
import { Failure } from './failure.js';

/** Longer than this a command does not wait for a key that has asked for too much; it says then how long it would be. */
const PATIENCE_SECONDS = 300;

/** What a command sends beside method and path. */
interface Sent {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Readable | string;
}

/** A Nestor server that a command calls. */
export class Remote {
  private readonly base: URL;

  /**
   * @param key what the server is shown; it goes nowhere else, as no redirect is followed
   * @throws Failure unless `url` is the address of a server.
   */
  constructor(
    url: string,
    private readonly key?: string,
  ) {
    if (!/^https?:\/\/[^/]/.test(url) || !URL.canParse(url))
      throw new Failure(`"${url}" is no address of a server; give one such as http://127.0.0.1:3000`, 2);
    this.base = new URL(url.replace(/\/*$/, '/'));
  }

  /** Whether whoever is on the way to the server can read what it is sent. */
  get isOpen(): boolean {
    return this.base.protocol === 'http:' && !isLoopbackHost(this.base.hostname);
  }

  /** As people see it. */
  get name(): string {
    return `${this.base.host}${this.base.pathname.replace(/\/$/, '')}`;
  }

  /**
   * The answer of the server if it is none of an error; its body is still to be read.
   * @throws Failure with what the server says, or why it cannot be reached.
   */
  async send(method: string, path: string, { headers = {}, body }: Sent = {}): Promise<IncomingMessage> {
    const reply = await this.reply(method, path, headers, body);
    if (reply.statusCode! < 300) return reply;
    throw await this.refusal(reply);
  }

  /** A JSON document; undefined where there is none. @throws Failure */
  async find<T>(path: string): Promise<T | undefined> {
    const reply = await this.reply('GET', path, {}, undefined);
    if (reply.statusCode === 404) {
      reply.resume();
      return undefined;
    }
    if (reply.statusCode! >= 300) throw await this.refusal(reply);
    return (await json(reply)) as T;
  }

  /** As `send`, with a JSON body both ways. */
  async ask<T>(method: string, path: string, sent?: unknown, headers = {}): Promise<T> {
    const reply = await this.send(method, path, {
      headers: { ...headers, ...(sent !== undefined && { 'content-type': 'application/json' }) },
      ...(sent !== undefined && { body: JSON.stringify(sent) }),
    });
    return (await json(reply).catch(() => {
      throw new Failure(`${this.name} does not answer as a Nestor would; is it one?`);
    })) as T;
  }

  private async refusal(reply: IncomingMessage): Promise<Failure> {
    const { location } = reply.headers;
    if (reply.statusCode! < 400) {
      reply.resume();
      return new Failure(
        `${this.name} leads on to ${location ?? 'somewhere'}, which is not followed; give that address if it is the server`,
      );
    }
    const { detail = 'it does not say why', code = 'no Nestor answers there' } = (await json(reply).catch(
      () => ({}),
    )) as { detail?: string; code?: string };
    return new Failure(`${this.name} refuses (${reply.statusCode} ${code}): ${detail}`);
  }

  /** Waits where the server says that there is too much at the moment, unless the body is gone by then. */
  private async reply(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body: Readable | string | undefined,
  ): Promise<IncomingMessage> {
    for (let waited = 0; ;) {
      const reply = await this.once(method, path, headers, body);
      const seconds = Math.max(1, Number(reply.headers['retry-after'] ?? Infinity));
      waited += seconds;
      if (reply.statusCode !== 429 || typeof body === 'object' || !(waited <= PATIENCE_SECONDS)) return reply;
      reply.resume();
      await after(seconds * 1_000);
    }
  }

  private once(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body: Readable | string | undefined,
  ): Promise<IncomingMessage> {
    const url = new URL(path.replace(/^\//, ''), this.base);
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const away = ({ message, code }: NodeJS.ErrnoException): void =>
        reject(new Failure(`${this.name} cannot be reached: ${message || code}`));
      const known = this.key === undefined ? {} : { authorization: `Bearer ${this.key}` };
      const sending = send(url, { method, headers: { accept: 'application/json', ...known, ...headers } });
      // An answer may come while the body is still on its way: what is not sent then need not be.
      sending.once('response', resolve).on('error', away);
      if (body === undefined || typeof body === 'string') sending.end(body);
      else {
        body.on('error', (error) => {
          reject(error instanceof Failure ? error : new Failure(error.message));
          sending.destroy();
        });
        body.pipe(sending);
      }
    });
  }
}

/** Where a model stands on a server. */
export const modelPath = (model: string): string => `/models/${encodeURIComponent(model)}`;

export const artifactPath = (model: string, version: string): string =>
  `${modelPath(model)}/versions/${encodeURIComponent(version)}/artifact`;

/** How many bytes an answer says that it has. */
export function lengthOf({ headers }: IncomingMessage): number | undefined {
  const length = headers['content-length'];
  return length === undefined ? undefined : Number(length);
}
