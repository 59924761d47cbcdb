import { Module } from '@nestjs/common';
import { PredictionModule } from '../prediction/prediction.module.js';
import * as definitions from './definitions.js';
import { DiabetesController } from './diabetes/diabetes.controller.js';
import { IrisController } from './iris/iris.controller.js';
import { SentimentController } from './sentiment/sentiment.controller.js';
import { SentimentDeepController } from './sentiment-deep/sentiment-deep.controller.js';
import { TurnoverController } from './turnover/turnover.controller.js';

/** The hand-shaped models, and the routes that models take over from the APIs they replace. */
@Module({
  imports: [PredictionModule.for(Object.values(definitions))],
  controllers: [
    DiabetesController,
    IrisController,
    SentimentController,
    SentimentDeepController,
    TurnoverController,
  ],
  exports: [PredictionModule],
})
export class ModelsModule {}
