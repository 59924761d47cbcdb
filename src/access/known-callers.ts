import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { AppLogger } from '../observability/app-logger.js';
import type { Authenticator } from './authentication.js';
import type { Identity } from './identity.js';
import { IssuerKeys } from './issuer-keys.js';
import { IssuerTokens } from './issuer-tokens.js';
import { KeyRing } from './key-ring.js';
import { type LentKey, LentKeys } from './lent-keys.js';

/** All ways in which a caller can be known. */
@Injectable()
export class KnownCallers implements Authenticator, OnApplicationShutdown {
  private readonly keys: KeyRing | undefined;
  private readonly issuer: IssuerKeys | undefined;
  private readonly tokens: IssuerTokens | undefined;
  private readonly lent = new LentKeys();

  /** @throws StartupFault where callers need keys and their file cannot be taken */
  constructor(config: AppConfig, logger: AppLogger) {
    if (config.auth !== 'required') return;
    if (config.apiKeysFile !== '') this.keys = new KeyRing(config.apiKeysFile, logger);
    if (config.jwtIssuer === '') return;
    this.issuer = new IssuerKeys(config.jwtJwksUrl, 1_000 * config.jwtJwksMaxAgeSeconds, logger);
    this.tokens = new IssuerTokens({ issuer: config.jwtIssuer, audience: config.jwtAudience }, this.issuer);
  }

  find(credential: string): Identity | undefined | Promise<Identity> {
    return this.lent.find(credential) ?? this.keys?.find(credential) ?? this.tokens?.find(credential);
  }

  /** A key for a runner that this server starts. */
  lendToRunner(): LentKey {
    const scopes = new Set(['runner'] as const);
    return this.lent.lend({ principal: 'server:runner', scopes, models: undefined, rate: undefined });
  }

  onApplicationShutdown(): void {
    this.keys?.close();
    this.issuer?.close();
  }
}
