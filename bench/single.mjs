// One row per request: the floor, Nestor and the Python service side by side, in interleaved rounds.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ARTIFACTS, BenchFault, touchMemory } from './machine.mjs';
import { median } from './report.mjs';
import { load } from './wrk.mjs';

export const CONNECTIONS = [1, 32, 128];

/** The body of the published API's example. */
export const BODY = JSON.stringify({
  satisfaction_level: 0.38,
  last_evaluation: 0.53,
  number_project: 2,
  average_montly_hours: 157,
  time_spend_company: 3,
  Work_accident: 0,
  promotion_last_5years: 0,
  sales: 'support',
  salary: 'low',
});

/** What the estimator says of it. */
const SHARE_OF_BODY = 0.9860997653991598;

const WARM_UP_SECONDS = 2;
const CHECKED_SAMPLES = 200;

export function turnoverSamples() {
  return JSON.parse(readFileSync(join(ARTIFACTS, 'turnover', '1', 'samples.json'), 'utf8')).samples;
}

/**
 * Compares answers of `server` with the estimator's before anything is measured, a refusal included.
 * @returns the number of rows it was asked for and answered.
 * @throws BenchFault at the first difference.
 */
export async function checkAnswers(server) {
  // A peer that takes tensors has one row to answer, by its probability.
  if (server.body !== undefined) return checkTensors(server);
  const samples = turnoverSamples().slice(0, CHECKED_SAMPLES);
  for (const { input, label } of samples) {
    const { status, text } = await server.call('POST', '/predict', JSON.stringify(input));
    if (status !== 200 || JSON.parse(text).prediction !== label) {
      throw new BenchFault(
        `${server.name}: ${JSON.stringify(input)} should be ${label}, got ${status} ${text}`,
      );
    }
  }
  const wrong = JSON.stringify({ ...JSON.parse(BODY), number_project: 'two' });
  const { status } = await server.call('POST', '/predict', wrong);
  if (status < 400 || status >= 500) throw new BenchFault(`${server.name}: bad input got ${status}, not 4xx`);
  return samples.length;
}

async function checkTensors(server) {
  const { status, text } = await server.call('POST', server.path, server.body);
  const [share] = status === 200 ? JSON.parse(text).outputs[0].data : [];
  if (!(Math.abs(share - SHARE_OF_BODY) < 1e-6))
    throw new BenchFault(`${server.name}: the row should be ${SHARE_OF_BODY}, got ${status} ${text}`);
  return 1;
}

/**
 * @returns per server and number of connections the figures of every round, and per server the requests answered in
 * all, with how many more may have been answered to a client that had stopped listening.
 */
export async function measureSingle(servers, { rounds, seconds }, say) {
  const results = servers.map(({ name }) => ({ name, answered: 0, inFlight: 0, rounds: [] }));
  const measure = async (index, connections, duration) => {
    const { path = '/predict', body = BODY } = servers[index];
    const figures = await load(servers[index], path, body, connections, duration);
    results[index].answered += figures.requests;
    results[index].inFlight += connections;
    return figures;
  };
  for (const index of servers.keys()) await measure(index, 32, WARM_UP_SECONDS);
  for (let round = 1; round <= rounds; round++) {
    for (const connections of CONNECTIONS) {
      touchMemory();
      for (const [index, { name }] of servers.entries()) {
        const figures = await measure(index, connections, seconds);
        results[index].rounds.push({ round, connections, ...figures });
        say(`round ${round}, ${connections} connections, ${name}: ${Math.round(figures.perSecond)}/s`);
      }
    }
  }
  return results;
}

/** Medians per server and number of connections, with ratios taken round by round, where both saw the same noise. */
export function summarize(results) {
  return CONNECTIONS.flatMap((connections) => {
    const of = (name) =>
      results.find((each) => each.name === name)?.rounds.filter((each) => each.connections === connections);
    const mosec = connections === 1 ? 'mosec-1' : 'mosec-32';
    return results.map(({ name }) => {
      const mine = of(name);
      const middle = (key) => median(mine.map((each) => each[key]));
      const against = (other, key) =>
        of(other) && median(mine.map((each, index) => each[key] / of(other)[index][key]));
      return {
        name,
        connections,
        perSecond: middle('perSecond'),
        p50Ms: middle('p50Ms'),
        p99Ms: middle('p99Ms'),
        cpuUs: middle('cpuUs'),
        coreShare: middle('coreShare'),
        clientShare: middle('clientShare'),
        memoryMiB: Math.max(...mine.map(({ memoryMiB }) => memoryMiB)),
        timesFloor: against('floor', 'perSecond'),
        timesPython: against('fastapi', 'perSecond'),
        // In the form that suits so many callers.
        cpuTimesMosec: of(mosec) && 1 / against(mosec, 'cpuUs'),
        cpuSpread: spread(of('floor'), mine),
        // Turned round, so that here too more is better: requests per CPU second.
        cpuTimesFloor: of('floor') && 1 / against('floor', 'cpuUs'),
        cpuTimesPython: of('fastapi') && 1 / against('fastapi', 'cpuUs'),
      };
    });
  });
}

/** Smallest and largest ratio to the floor by CPU, over the rounds. */
function spread(floor, mine) {
  if (floor === undefined) return undefined;
  const ratios = mine.map(({ cpuUs }, index) => floor[index].cpuUs / cpuUs);
  return [Math.min(...ratios), Math.max(...ratios)];
}

/** Lines in the record files below `folder`. */
export function countRecords(folder) {
  const files = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.ndjson'));
  let records = 0;
  for (const file of files) {
    const bytes = readFileSync(join(folder, file));
    for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) records++;
  }
  return records;
}

/** @throws BenchFault unless every answered row is on disk, and no more than those in flight besides. */
export function compareRecords(records, answered, inFlight) {
  if (records < answered || records > answered + inFlight) {
    throw new BenchFault(
      `${answered} rows answered (and up to ${inFlight} in flight), but ${records} records`,
    );
  }
  return { records, answered, inFlight };
}
