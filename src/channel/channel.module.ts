import { Global, Module } from '@nestjs/common';
import { Siblings } from './siblings.js';
import { Turns } from './turns.js';

/** The other processes of this server, available to every room above. */
@Global()
@Module({ providers: [Siblings, Turns], exports: [Siblings, Turns] })
export class ChannelModule {}
