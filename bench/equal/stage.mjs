// Compares two builds in one stage: first calls one by one, then transport cases, and after each what was left behind.
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ARTIFACTS } from '../machine.mjs';
import { startNestor } from '../server.mjs';
import { maskReplies } from './compare.mjs';
import { Caller } from './connection.mjs';
import { corpusOf } from './corpus.mjs';
import { Ids } from './ids.mjs';
import { countersOf, maskRecord, Records } from './traces.mjs';
import { runCase, transportCases } from './transport.mjs';

/** Settings by stage; who may call from a page is what differs between them. */
export const STAGES = {
  production: {},
  development: {},
  acceptance: { CORS_ORIGINS: 'https://app.example.com' },
};
/** Large enough for 10,000 rows. */
const MAX_BODY = 8_388_608;
const SLOW_CLOCK = new URL('./slow-clock.mjs', import.meta.url).href;

/** Starts both `builds`, each with models and a prediction log of its own; adds to `differences` and `compared`. */
export async function compareIn(stage, { builds, folder, calls, random, differences, compared }) {
  const peers = [];
  try {
    for (const build of builds) peers.push(await startPeer(stage, build, join(folder, stage)));
    const comparison = new Comparison(stage, peers, differences, compared);
    const isBulky = stage === 'production';
    await comparison.ofCalls(corpusOf({ artifacts: ARTIFACTS, random, each: calls, isBulky }));
    await comparison.ofTransport(random);
  } finally {
    await Promise.all(peers.map(({ server }) => server.stop()));
  }
}

async function startPeer(stage, { name, root }, folder) {
  // What a call might change is changed in a copy. Each serves its own checkout's, which may have other forms of the same models.
  const artifacts = join(folder, `artifacts-${name}`);
  mkdirSync(folder, { recursive: true });
  cpSync(join(root, 'artifacts'), artifacts, { recursive: true, preserveTimestamps: true });
  const settings = { APP_STAGE: stage, ARTIFACTS_DIR: artifacts, MAX_BODY_BYTES: String(MAX_BODY) };
  const env = { ...settings, ...STAGES[stage] };
  const server = await startNestor(undefined, folder, env, { name, root, probe: SLOW_CLOCK });
  const records = new Records(join(folder, `predictions-${name}`));
  return { server, records, caller: new Caller(server.port), ids: new Ids() };
}

class Comparison {
  constructor(stage, peers, differences, compared) {
    Object.assign(this, { stage, peers, differences, compared });
  }

  /** One after the other, so that both servers run each by itself and record in the same order. */
  async ofCalls(calls) {
    for (const call of calls) {
      if (this.differences.exceptions.leavesOut(call.door, call.bytes)) continue;
      this.answers(call, await Promise.all(this.peers.map(({ caller }) => caller.ask(call))));
      this.compared.calls++;
    }
    await this.traces('calls', true);
  }

  async ofTransport(random) {
    const { samples } = JSON.parse(readFileSync(join(ARTIFACTS, 'turnover', '1', 'samples.json'), 'utf8'));
    const all = transportCases({ rows: samples.map(({ input }) => input), random, maxBody: MAX_BODY });
    const { exceptions } = this.differences;
    const cases = all.filter(({ name, pieces }) => !exceptions.leavesOut(name, Buffer.concat(pieces)));
    const run = (each) => Promise.all(this.peers.map(({ server }) => runCase(server.port, each)));
    // Those that take seconds run beside the others.
    const slow = cases.map((each) => (each.end === 'wait' ? run(each) : undefined));
    for (const [at, each] of cases.entries()) {
      const call = { door: each.name, bytes: Buffer.concat(each.pieces), name: `case ${at + 1}` };
      this.answers(call, await (slow[at] ?? run(each)));
      this.compared.cases++;
    }
    await this.traces('transport', false);
  }

  answers(call, answers) {
    const [mine, others] = answers.map(({ reply, connection }, at) => ({
      replies: maskReplies(reply, call, this.peers[at].ids),
      connection,
    }));
    const status = mine.replies[0].slice(9, 12) || 'none';
    this.compared.statuses[status] = (this.compared.statuses[status] ?? 0) + 1;
    this.differences.answers({ ...call, stage: this.stage }, mine, others);
  }

  /** `isExact`: calls came one by one; else how rows are put together into runs differs from time to time. */
  async traces(phase, isExact) {
    const [mine, others] = this.peers.map(({ records, ids }) => maskedRecords(records.take(), ids));
    for (const model of new Set([...mine.keys(), ...others.keys()])) {
      const [a, b] = [mine, others].map((each) => each.get(model) ?? new Map());
      this.compared.rows += a.size;
      this.differences.entries('record', `${this.stage}, ${phase}, ${model}`, a, b);
    }
    const counters = [];
    for (const { caller, records } of this.peers) {
      counters.push(countersOf(await caller.read('/metrics'), records.bytes, isExact));
    }
    this.compared.counters += counters[0].size;
    this.differences.entries('counter', `${this.stage}, ${phase}`, ...counters);
  }
}

const maskedRecords = (byModel, ids) =>
  new Map([...byModel].map(([model, lines]) => [model, ids.maskRecords(lines.map(maskRecord))]));
