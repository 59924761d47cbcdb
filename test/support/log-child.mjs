// What two containers do to one record folder: `write` records lines until it is told to end, `start` starts often.
// Both print how many records they acknowledged.
const built = (path) => import(new URL(`../../dist/${path}`, import.meta.url).href);
await import('reflect-metadata');
const { AppConfig } = await built('config/app-config.js');
const { digestOf } = await built('journal/line-digest.js');
const { PredictionLog } = await built('journal/prediction-log.js');

const [task, folder, count] = process.argv.slice(2);
const config = AppConfig.from({ APP_STAGE: 'test', PREDICTION_LOG_DIR: folder });
const logger = { failure: console.error, info: () => undefined, warn: () => undefined };
const metrics = { count: () => undefined, fail: () => undefined };
const open = async () => {
  const log = new PredictionLog(config, logger, metrics);
  await log.open();
  return log;
};
let records = 0;
const record = (log) => {
  const id = `${task}-${records}`;
  const line = Buffer.from(`${JSON.stringify({ prediction_id: id, model: 'm', pad: 'p'.repeat(2_000) })}\n`);
  const model = log.of('m');
  model.append(model.take(), line, 1, digestOf(line));
  records++;
};

if (task === 'start') {
  for (let start = 0; start < Number(count); start++) {
    const log = await open();
    record(log);
    log.onApplicationShutdown();
  }
} else {
  const log = await open();
  process.stdin.resume();
  console.log('writing');
  while (!process.stdin.readableEnded) {
    for (let line = 0; line < 20; line++) record(log);
    await new Promise(setImmediate);
  }
  log.onApplicationShutdown();
}
console.log(records);
