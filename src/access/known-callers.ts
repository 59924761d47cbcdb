import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { AppLogger } from '../observability/app-logger.js';
import type { Authenticator } from './authentication.js';
import type { Identity } from './identity.js';
import { KeyRing } from './key-ring.js';

/** All ways in which a caller can be known. */
@Injectable()
export class KnownCallers implements Authenticator, OnApplicationShutdown {
  private readonly keys: KeyRing | undefined;

  /** @throws StartupFault where callers need keys and their file cannot be taken */
  constructor({ auth, apiKeysFile }: AppConfig, logger: AppLogger) {
    if (auth === 'required' && apiKeysFile !== '') this.keys = new KeyRing(apiKeysFile, logger);
  }

  find(credential: string): Identity | undefined {
    return this.keys?.find(credential);
  }

  onApplicationShutdown(): void {
    this.keys?.close();
  }
}
