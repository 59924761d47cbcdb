// Compares two builds in one stage: first calls one by one, then transport cases, and after each what was left behind.
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ARTIFACTS } from '../machine.mjs';
import { startNestor } from '../server.mjs';
import { Ids, maskReply } from './compare.mjs';
import { Caller } from './connection.mjs';
import { corpusOf } from './corpus.mjs';
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
  // What a call might change is changed in a copy.
  const artifacts = join(folder, `artifacts-${name}`);
  mkdirSync(folder, { recursive: true });
  cpSync(ARTIFACTS, artifacts, { recursive: true, preserveTimestamps: true });
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
      this.answers(call, await Promise.all(this.peers.map(({ caller }) => caller.ask(call))));
      this.compared.calls++;
    }
    await this.traces('calls', true);
  }

  async ofTransport(random) {
    const { samples } = JSON.parse(readFileSync(join(ARTIFACTS, 'turnover', '1', 'samples.json'), 'utf8'));
    const cases = transportCases({ rows: samples.map(({ input }) => input), random, maxBody: MAX_BODY });
    const run = (each) => Promise.all(this.peers.map(({ server }) => runCase(server.port, each)));
    // Those that take seconds run beside the others.
    const slow = cases.map((each) => (each.end === 'wait' ? run(each) : undefined));
    for (const [at, each] of cases.entries()) {
      this.answers({ door: each.name, bytes: Buffer.concat(each.pieces) }, await (slow[at] ?? run(each)));
      this.compared.cases++;
    }
    await this.traces('transport', false);
  }

  answers(call, answers) {
    const [mine, others] = answers.map(({ reply, connection }, at) => ({
      reply: maskReply(reply, this.peers[at].ids),
      connection,
    }));
    const status = mine.reply.slice(9, 12) || 'none';
    this.compared.statuses[status] = (this.compared.statuses[status] ?? 0) + 1;
    this.differences.reply({ ...call, stage: this.stage }, mine, others);
  }

  /** `isExact`: calls came one by one; else records may stand in another order, and runs are put together otherwise. */
  async traces(phase, isExact) {
    const [mine, others] = this.peers.map(({ records, ids }) => maskedRecords(records.take(), ids, isExact));
    for (const model of new Set([...mine.keys(), ...others.keys()])) {
      this.compared.rows += mine.get(model)?.length ?? 0;
      const kind = `record (${this.stage}, ${phase}, ${model})`;
      this.differences.entries(kind, mine.get(model) ?? [], others.get(model) ?? []);
    }
    const counters = [];
    for (const { caller, records } of this.peers) {
      counters.push(countersOf(await caller.read('/metrics'), records.bytes, isExact));
    }
    this.compared.counters += counters[0].size;
    this.differences.entries(`counter (${this.stage}, ${phase})`, ...counters);
  }
}

function maskedRecords(byModel, ids, isExact) {
  const masked = new Map();
  for (const [model, lines] of byModel) {
    const timeless = lines.map(maskRecord);
    // Ids get their numbers in the order in which they are met, so the order comes first.
    const ordered = isExact ? timeless : timeless.toSorted(byRequest);
    masked.set(
      model,
      ordered.map((line) => ids.mask(line)),
    );
  }
  return masked;
}

function byRequest(a, b) {
  const requestOf = (line) => /"request_id":"([^"]*)"/.exec(line)?.[1] ?? '';
  return requestOf(a).localeCompare(requestOf(b));
}
