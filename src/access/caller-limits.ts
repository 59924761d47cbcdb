import { Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Counter } from 'prom-client';
import { Siblings } from '../channel/siblings.js';
import { TooManyRequests } from '../errors/errors.js';
import { MetricsRegistry } from '../observability/metrics-registry.js';
import type { Allowance } from './allowance.js';
import type { Counted } from './counted.js';
import type { Identity } from './identity.js';
import { Rates } from './rates.js';
import { Strangers } from './strangers.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** What its caller may still ask for; null: as much as he likes. */
    allowance: Allowance | null;
  }
}

/** Bounds what a known caller asks for and how many keys an address tries, and counts who was refused. */
@Injectable()
export class CallerLimits {
  private readonly rates: Rates;
  private readonly strangers: Strangers;
  private readonly failures = { missing: 0, unknown: 0, forbidden: 0 };
  private readonly limited = { key: 0, address: 0 };

  constructor({ prometheus }: MetricsRegistry, { isAlone }: Siblings) {
    this.rates = new Rates(!isAlone);
    this.strangers = new Strangers(!isAlone);
    const counter = (name: string, help: string, counts: Readonly<Record<string, number>>): void => {
      new Counter({
        name,
        help,
        labelNames: ['reason'],
        registers: [prometheus],
        collect() {
          this.reset();
          for (const [reason, count] of Object.entries(counts)) this.inc({ reason }, count);
        },
      });
    };
    counter(
      'nestor_auth_failures_total',
      'Requests refused for who asks: without a key (missing), with one that is not known or has expired (unknown), with one that may not do it (forbidden).',
      this.failures,
    );
    counter(
      'nestor_rate_limited_total',
      'Requests refused by 429: their key has used up its rate (key), too many unknown keys came from their address (address).',
      this.limited,
    );
  }

  /** Has every answer to a caller with a rate say what is left of it; must be asked before the routes are there. */
  tellCallers(server: FastifyInstance): void {
    server.addHook('onSend', ({ allowance }, reply, _payload, done) => {
      if (reply.statusCode === 403) this.failures.forbidden++;
      if (allowance !== null) {
        const { policy, left, seconds } = allowance;
        void reply.header('ratelimit-policy', policy);
        void reply.header('ratelimit', `"rows";r=${Math.max(0, Math.floor(left))};t=${seconds}`);
      }
      done();
    });
  }

  /** What was counted since this was asked last, for the other workers. */
  tell(): Counted {
    return { given: this.rates.tell(), strangers: this.strangers.tell() };
  }

  /** Counts what other workers have counted. */
  hear({ given, strangers }: Counted): void {
    this.rates.hear(given);
    this.strangers.hear(strangers);
  }

  /** Counts a request that has no key. */
  addMissing(): void {
    this.failures.missing++;
  }

  /**
   * Counts a token that is refused. However many there are, each is told so: a client knows by it that its own has expired,
   * and gets a new one.
   */
  addRefusedToken(): void {
    this.failures.unknown++;
  }

  /** Counts a key that is not known. @returns what it is refused by, where its address has sent too many */
  refuseStranger({ raw: { socket } }: FastifyRequest): TooManyRequests | undefined {
    this.failures.unknown++;
    const seconds = this.strangers.add(socket.remoteAddress ?? '');
    if (seconds === undefined) return undefined;
    this.limited.address++;
    return new TooManyRequests(
      `this key is not known, and too many such keys have come from this address; ask the operator for another key, and try again in ${inSeconds(seconds)}`,
      seconds,
    );
  }

  /** Takes a row for a request of a known caller. @returns what it is refused by, where none is left */
  begin(request: FastifyRequest, identity: Identity): TooManyRequests | undefined {
    const allowance = this.rates.of(identity);
    if (allowance === null) return undefined;
    request.allowance = allowance;
    if (allowance.begin()) return undefined;
    this.limited.key++;
    const { seconds } = allowance;
    return new TooManyRequests(
      `this key has asked for all the rows that it may ask for at present; try again in ${inSeconds(seconds)}, or send fewer rows`,
      seconds,
    );
  }
}

const inSeconds = (seconds: number): string => (seconds === 1 ? 'a second' : `${seconds} seconds`);
