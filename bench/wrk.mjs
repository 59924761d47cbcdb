// One round of load by wrk, always against 127.0.0.1, with what it cost on both sides.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { BenchFault } from './machine.mjs';
import { cpuSeconds } from './server.mjs';

const SCRIPT = fileURLToPath(new URL('wrk.lua', import.meta.url));

/**
 * Posts `body` to `path` over `connections` for `seconds`. `paths`: so many, `{n}` in `path` being the number of each.
 * @throws BenchFault if a reply was not 2xx or a connection broke: such a round measures something else.
 */
export async function load(server, path, body, connections, seconds, paths) {
  const serverBefore = server.cpuSeconds();
  const clientBefore = cpuSeconds(process.pid).ended;
  const output = await run(
    ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '20s', '-s', SCRIPT, server.url + path],
    {
      BENCH_BODY: body,
      ...(paths && { BENCH_PATHS: String(paths) }),
      ...(server.key && { BENCH_KEY: server.key }),
    },
  );
  const cpu = server.cpuSeconds() - serverBefore;
  const clientCpu = cpuSeconds(process.pid).ended - clientBefore;
  const result = JSON.parse(/^RESULT (.*)$/m.exec(output)?.[1] ?? 'null');
  if (result === null || result.requests === 0)
    throw new BenchFault(`wrk answered nothing usable:\n${output}`);
  const { requests, us, p50, p99, refused, broken } = result;
  if (refused + broken > 0) {
    throw new BenchFault(`${server.name}: ${refused} replies were not 2xx, ${broken} connections broke`);
  }
  return {
    requests,
    perSecond: requests / (us / 1e6),
    p50Ms: p50 / 1000,
    p99Ms: p99 / 1000,
    cpuUs: (cpu / requests) * 1e6,
    // Below 1 at 32 connections and more, somebody else had a part of the core.
    coreShare: cpu / (us / 1e6),
    clientShare: clientCpu / (us / 1e6),
    memoryMiB: server.memory().now,
  };
}

function run(options, env) {
  return new Promise((resolve, reject) => {
    const child = spawn('wrk', options, { env: { ...process.env, ...env } });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    child.on('error', reject);
    child.on('close', () => resolve(output));
  });
}
