import { Module } from '@nestjs/common';
import { ConnectionDrain } from './connection-drain.js';

@Module({ providers: [ConnectionDrain] })
export class HttpModule {}
