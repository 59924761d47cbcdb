import { type GateReport, signed, spaced } from '../training/gate.js';
import { Failure } from './failure.js';
import { progress } from './progress.js';
import { publish } from './publish.js';
import { artifactPath, lengthOf, modelPath, type Remote } from './remote.js';

/** How a version is promoted. */
export interface Promotion {
  /** Undefined: the champion of the first server. */
  readonly version?: string | undefined;
  /** Also where the gate was failed. */
  readonly force?: boolean | undefined;
  /** Stands in the history of the second server. */
  readonly reason?: string | undefined;
}

/**
 * Copies a version from one server to another by its digest, and makes it champion there. What the gate of the first said
 * of it is printed before.
 * @throws Failure if that was a refusal, unless forced
 */
export async function promote(
  model: string,
  source: Remote,
  target: Remote,
  { version, force = false, reason }: Promotion,
): Promise<void> {
  if (force && !reason) throw new Failure('--force needs a --reason, which stands in the history', 2);
  const chosen = version ?? (await championOf(source, model));
  await showGate(source, model, chosen, force);
  const reply = await source.send('GET', artifactPath(model, chosen));
  const bytes = lengthOf(reply);
  const sent = await publish(target, model, progress(reply, 'copied', bytes), bytes);
  reply.destroy();
  if (reply.headers.etag !== `"${sent.contentDigest}"`)
    throw new Failure(`${target.name} has other files than ${source.name}; nothing was promoted`);
  const copied = sent.isNew ? 'was copied to' : 'was on';
  process.stdout.write(`${model}/${chosen} ${copied} ${target.name} (sha256 ${sent.contentDigest})\n`);
  if (!sent.isChampion) {
    const why = reason ?? `promoted from ${source.name}`;
    const change = { version: chosen, reason: why, ...(force && { force }) };
    await target.ask('PUT', `${modelPath(model)}/aliases/champion`, change, { 'if-match': sent.etag });
  }
  process.stdout.write(`${model}/${chosen} is the champion on ${target.name}\n`);
}

/** Prints the verdict with the pair that it is about. */
async function showGate(source: Remote, model: string, version: string, force: boolean): Promise<void> {
  const path = `${modelPath(model)}/versions/${encodeURIComponent(version)}/gate`;
  const report = await source.find<GateReport>(path);
  if (report === undefined) {
    process.stdout.write(`${model}/${version} has no report of a gate on ${source.name}\n`);
    return;
  }
  const { verdict, champion, metric, checks } = report;
  const gain = `${spaced(metric.name)} ${signed(metric.gain)}, at least ${signed(metric.low)}`;
  process.stdout.write(
    `${model}/${version} beside ${model}/${champion.version} on ${source.name}: ${spaced(verdict)}, ${gain}\n`,
  );
  for (const { name, reason } of checks.filter(({ passed }) => !passed))
    process.stdout.write(`  ${spaced(name)}: ${reason}\n`);
  if (verdict === 'failed' && !force)
    throw new Failure(
      'the gate was not passed; nothing was promoted. --force --reason "…" promotes it all the same',
    );
}

async function championOf(remote: Remote, model: string): Promise<string> {
  const { aliases } = await remote.ask<{ aliases: Record<string, string> }>('GET', modelPath(model));
  const champion = aliases['champion'];
  if (champion === undefined) throw new Failure(`${remote.name} has no champion of ${model}; give --version`);
  return champion;
}
