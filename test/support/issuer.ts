import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type CryptoKey,
  exportJWK,
  generateKeyPair,
  type JWK,
  type JWTHeaderParameters,
  SignJWT,
} from 'jose';
import { atEnd } from './clean-up.js';

/** A pair of keys of an issuer, with the name that it has in his set. */
export interface IssuerKey {
  readonly alg: string;
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

export async function newKeyPair(alg: string, kid: string): Promise<IssuerKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { alg, kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}

export const AUDIENCE = 'nestor';
export const seconds = (): number => Math.floor(Date.now() / 1_000);

/** An issuer of tokens that publishes its keys on 127.0.0.1. */
export class Issuer {
  /** Requests for the keys so far. */
  fetches = 0;
  /** What it publishes. */
  keys: readonly JWK[] = [];
  /** Answers in place of the keys. */
  answer: ((response: ServerResponse, request: IncomingMessage) => void) | undefined;
  private port = 0;
  private readonly server = createServer((request, response) => {
    this.fetches++;
    if (this.answer !== undefined) this.answer(response, request);
    else this.publish(response);
  });

  static async start(...keys: readonly IssuerKey[]): Promise<Issuer> {
    const issuer = new Issuer();
    issuer.keys = keys.map(({ jwk }) => jwk);
    await issuer.listen();
    atEnd(() => issuer.stop());
    return issuer;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** What a server needs to take its tokens. */
  get settings(): Record<string, string> {
    return {
      AUTH: 'required',
      JWT_ISSUER: this.url,
      JWT_AUDIENCE: AUDIENCE,
      JWT_JWKS_URL: `${this.url}/keys`,
    };
  }

  publish(response: ServerResponse): void {
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: this.keys }));
  }

  /** Also after `stop`, at the same address. */
  async listen(): Promise<void> {
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = (this.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    if (!this.server.listening) return;
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  /** A token that is good for five minutes, but for what `claims` and `header` say. */
  sign(
    { alg, kid, privateKey }: IssuerKey,
    claims: Readonly<Record<string, unknown>> = {},
    header: Readonly<Partial<JWTHeaderParameters>> = {},
  ): Promise<string> {
    const usual = { iss: this.url, aud: AUDIENCE, sub: 'ann', scope: 'predict', exp: seconds() + 300 };
    return new SignJWT({ ...usual, ...claims }).setProtectedHeader({ alg, kid, ...header }).sign(privateKey);
  }
}
