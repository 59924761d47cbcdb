import { Global, Module } from '@nestjs/common';
import { Siblings } from './siblings.js';

/** The other processes of this server, available to every room above. */
@Global()
@Module({ providers: [Siblings], exports: [Siblings] })
export class ChannelModule {}
