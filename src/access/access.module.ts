import { Global, Module } from '@nestjs/common';
import { KnownCallers } from './known-callers.js';

/** Who calls, for the hooks of the server. */
@Global()
@Module({ providers: [KnownCallers], exports: [KnownCallers] })
export class AccessModule {}
