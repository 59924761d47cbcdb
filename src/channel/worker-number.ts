import cluster from 'node:cluster';

/** Which of the workers this process is: `--worker=<slot>`, as the primary starts it; undefined: it is alone. */
export function workerNumber(): number | undefined {
  if (!cluster.isWorker) return undefined;
  const found = process.argv.find((each) => each.startsWith('--worker='));
  return Number(found?.slice('--worker='.length) ?? 0);
}
