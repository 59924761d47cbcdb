import { Global, Module } from '@nestjs/common';
import { CallerLimits } from './caller-limits.js';
import { CountedElsewhere } from './counted-elsewhere.js';
import { KnownCallers } from './known-callers.js';

/** Who calls, for the hooks of the server. */
@Global()
@Module({ providers: [CallerLimits, CountedElsewhere, KnownCallers], exports: [CallerLimits, KnownCallers] })
export class AccessModule {}
