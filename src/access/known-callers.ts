import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Siblings } from '../channel/siblings.js';
import { AppConfig } from '../config/app-config.js';
import { StartupFault } from '../errors/startup-fault.js';
import { AppLogger } from '../observability/app-logger.js';
import type { Authenticator } from './authentication.js';
import type { Identity } from './identity.js';
import { IssuerKeys } from './issuer-keys.js';
import { IssuerTokens } from './issuer-tokens.js';
import { KeyRing } from './key-ring.js';
import { type LentKey, LentKeys } from './lent-keys.js';

/** All ways in which a caller can be known. */
@Injectable()
export class KnownCallers implements Authenticator, OnModuleInit, OnApplicationShutdown {
  private readonly keys: KeyRing | undefined;
  private readonly issuer: IssuerKeys | undefined;
  private readonly tokens: IssuerTokens | undefined;
  private readonly lent: LentKeys;

  /** @throws StartupFault where callers need keys and their file cannot be taken */
  constructor(
    private readonly config: AppConfig,
    logger: AppLogger,
    siblings: Siblings,
  ) {
    this.lent = new LentKeys(siblings);
    const { auth, apiKeysFile, jwtIssuer: issuer, jwtAudience: audience } = config;
    if (auth !== 'required') return;
    if (apiKeysFile !== '') this.keys = new KeyRing(apiKeysFile, logger);
    if (issuer !== '') {
      this.issuer = new IssuerKeys(config.jwtJwksUrl, 1_000 * config.jwtJwksMaxAgeSeconds, logger);
      this.tokens = new IssuerTokens({ issuer, audience }, this.issuer);
    } else if (this.keys?.size === 0) {
      this.keys.close();
      const mend = 'add one with npx nestor key create --name <who> --scopes predict';
      throw new StartupFault([{ what: `API_KEYS_FILE ${apiKeysFile} has no keys`, mend }]);
    }
  }

  /** What somebody who reaches the server needs, for the line that says that it listens. */
  get told(): string {
    const { auth, apiKeysFile, jwtIssuer } = this.config;
    if (auth === 'off') return 'anybody may do everything';
    if (auth === 'local') return 'anybody may predict, this machine alone may change models';
    const ways = [
      ...(apiKeysFile === '' ? [] : [`a key of ${apiKeysFile}, which nestor key create makes`]),
      ...(jwtIssuer === '' ? [] : [`a token of ${jwtIssuer}`]),
    ];
    return `whoever has ${ways.join(', or ')}`;
  }

  find(credential: string): Identity | undefined | Promise<Identity> {
    return this.keys?.find(credential) ?? this.lent.find(credential) ?? this.tokens?.find(credential);
  }

  /** Before anybody is answered, keys are known that other workers have lent. */
  onModuleInit(): Promise<void> {
    return this.lent.learn();
  }

  /** A key for a runner that this server starts. */
  lendToRunner(): Promise<LentKey> {
    const scopes = new Set(['runner'] as const);
    return this.lent.lend({ principal: 'server:runner', scopes, models: undefined, rate: undefined });
  }

  onApplicationShutdown(): void {
    this.keys?.close();
    this.issuer?.close();
  }
}
