import { Module } from '@nestjs/common';
import { PredictionModule } from '../prediction/prediction.module.js';
import { MODEL_DEFINITIONS } from './definitions.js';
import { TurnoverController } from './turnover/turnover.controller.js';

/** The routes that models take over from the APIs they replace. */
@Module({
  imports: [PredictionModule.for(MODEL_DEFINITIONS)],
  controllers: [TurnoverController],
  exports: [PredictionModule],
})
export class ModelsModule {}
