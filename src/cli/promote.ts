import { Failure } from './failure.js';
import { progress } from './progress.js';
import { publish } from './publish.js';
import { artifactPath, lengthOf, modelPath, Remote } from './remote.js';

/**
 * Copies a version from one server to another by its digest, and makes it champion there. Without `version`: the champion
 * of the first.
 */
export async function promote(model: string, from: string, to: string, version?: string): Promise<void> {
  const [source, target] = [new Remote(from), new Remote(to)];
  const chosen = version ?? (await championOf(source, model));
  const reply = await source.send('GET', artifactPath(model, chosen));
  const bytes = lengthOf(reply);
  const sent = await publish(target, model, progress(reply, 'copied', bytes), bytes);
  reply.destroy();
  if (reply.headers.etag !== `"${sent.contentDigest}"`)
    throw new Failure(`${target.name} has other files than ${source.name}; nothing was promoted`);
  const copied = sent.isNew ? 'was copied to' : 'was on';
  process.stdout.write(`${model}/${chosen} ${copied} ${target.name} (sha256 ${sent.contentDigest})\n`);
  if (!sent.isChampion) {
    const change = { version: chosen, reason: `promoted from ${source.name}` };
    await target.ask('PUT', `${modelPath(model)}/aliases/champion`, change, { 'if-match': sent.etag });
  }
  process.stdout.write(`${model}/${chosen} is the champion on ${target.name}\n`);
}

async function championOf(remote: Remote, model: string): Promise<string> {
  const { aliases } = await remote.ask<{ aliases: Record<string, string> }>('GET', modelPath(model));
  const champion = aliases['champion'];
  if (champion === undefined) throw new Failure(`${remote.name} has no champion of ${model}; give --version`);
  return champion;
}
