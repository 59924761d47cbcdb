import { hash } from 'node:crypto';
import { errors, type JWTPayload, jwtVerify } from 'jose';
import { Unauthenticated } from '../errors/errors.js';
import { ALGORITHMS, type KeySet } from './fetch-key-set.js';
import type { Identity } from './identity.js';
import type { IssuerKeys } from './issuer-keys.js';
import { SCOPES } from './scope.js';

/** A clock of another machine may be off by so many seconds. */
const TOLERANCE = 60;
const LONGEST_TOKEN = 8_192;
const FORM = /^[\w-]+\.[\w-]+\.[\w-]+$/;
/** As OpenID Connect bounds it; it stands in records and log lines. */
const SUBJECT = /^[!-~](?:[ -~]{0,253}[!-~])?$/;
/** Tokens that need not be verified again. */
const MOST_VERIFIED = 10_000;

interface Verified {
  readonly identity: Identity;
  /** Milliseconds since 1970. */
  readonly until: number;
  /** What it was verified with: a key that the issuer takes back takes its tokens along. */
  readonly keys: KeySet;
}

/** What a token must say. */
export interface Claims {
  readonly issuer: string;
  readonly audience: string;
}

/** Callers that show a token of the issuer (JWT, RFC 7519). A token that was verified is found by its digest from then on. */
export class IssuerTokens {
  /** The oldest first. */
  private readonly verified = new Map<string, Verified>();

  constructor(
    private readonly claims: Claims,
    private readonly keys: IssuerKeys,
    private readonly mostVerified = MOST_VERIFIED,
  ) {}

  /**
   * Whose token this is; undefined: it is none.
   * @throws Unauthenticated that says why it is refused, IssuerUnavailable where that cannot be told
   */
  find(token: string): Identity | Promise<Identity> | undefined {
    if (token.length > LONGEST_TOKEN || !FORM.test(token)) return undefined;
    const digest = hash('sha256', token, 'base64');
    const keys = this.keys.latest();
    const known = this.verified.get(digest);
    return known !== undefined && known.keys === keys && known.until > Date.now()
      ? known.identity
      : this.verify(token, digest);
  }

  private async verify(token: string, digest: string): Promise<Identity> {
    let keys: KeySet | undefined;
    const { payload } = await jwtVerify(
      token,
      async (header) => {
        keys = await this.keys.having(header);
        return keys(header);
      },
      { ...this.claims, algorithms: ALGORITHMS, requiredClaims: ['exp', 'sub'], clockTolerance: TOLERANCE },
    ).catch(refuse);
    const identity = identityOf(payload);
    this.remember(digest, { identity, until: 1_000 * (payload.exp! + TOLERANCE), keys: keys! });
    return identity;
  }

  private remember(digest: string, verified: Verified): void {
    this.verified.delete(digest);
    if (this.verified.size >= this.mostVerified) this.verified.delete(this.verified.keys().next().value!);
    this.verified.set(digest, verified);
  }
}

function identityOf({ sub, scope }: JWTPayload): Identity {
  // The type of the library is what a token should say.
  if (typeof (sub as unknown) !== 'string' || !SUBJECT.test(sub!))
    throw refused('its subject (sub) must be 1 to 255 characters of ASCII, without line breaks');
  const granted = typeof scope === 'string' ? scope.split(' ') : [];
  return {
    principal: `jwt:${sub}`,
    scopes: new Set(SCOPES.filter((each) => granted.includes(each))),
    models: undefined,
    rate: undefined,
  };
}

/** What the library says may quote the token. */
const REASONS: Readonly<Record<string, string>> = {
  ERR_JWT_EXPIRED: 'it has expired; ask the issuer for a new one',
  ERR_JOSE_ALG_NOT_ALLOWED: `it must be signed by ${ALGORITHMS.join(' or ')}`,
  ERR_JWKS_NO_MATCHING_KEY: 'its issuer has no such key',
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: 'it names no key (kid), and its issuer has several',
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'its signature is wrong',
};

function refuse(error: unknown): never {
  if (error instanceof errors.JWTClaimValidationFailed)
    throw refused(`its claim ${error.claim} is missing, or not what it must be here`);
  if (error instanceof errors.JOSEError) throw refused(REASONS[error.code] ?? 'it cannot be read');
  throw error;
}

const refused = (why: string): Unauthenticated => new Unauthenticated(`this token is refused: ${why}`);
