// The models with a hand-shaped DTO, a line each. What `npm run new:model` writes needs no more than its line here.
export { diabetes } from './diabetes/diabetes.definition.js';
export { iris } from './iris/iris.definition.js';
export { sentiment } from './sentiment/sentiment.definition.js';
export { sentimentDeep } from './sentiment-deep/sentiment-deep.definition.js';
export { turnover } from './turnover/turnover.definition.js';
