import {
  BadRequest,
  NothingToRollBack,
  RevisionMismatch,
  VersionInUse,
  VersionNotFound,
} from '../errors/errors.js';
import { AliasFiles, type Look } from './alias-files.js';
import type { AliasChange, AliasesNow, Changed, Deletion, Order } from './alias-change.js';
import { cannotBeRead } from './artifact-fault.js';
import { isVersion } from './aliases-file.js';
import type { HistoryLine } from './history.js';

const STANDING = 'answered without an aliases.json';
const ALIAS = /^[a-z0-9][a-z0-9._-]{0,62}$/;

/**
 * Which version of a model is champion, and how it came to be: the rules for `aliases.json` and `history.ndjson` of one
 * model's folder. Any number of processes may read and change them.
 */
export class ModelAliases {
  private readonly files: AliasFiles;

  /** The folder's name is the model's. */
  constructor(folder: string) {
    this.files = new AliasFiles(folder);
  }

  /**
   * Cheap where nothing has changed: asks for the history's size and time, and reads aliases.json.
   * @throws ArtifactFault if the history cannot be read.
   */
  async read(): Promise<AliasesNow> {
    const { aliases, fault, history } = await this.files.look().catch(cannotBeRead('history.ndjson'));
    return {
      ...(aliases && { aliases }),
      ...(fault !== undefined && { fault }),
      revision: history.lines,
      ...(history.champion !== undefined && { lastChampion: history.champion }),
    };
  }

  /** The last changes and deletions, newest first. */
  async history(limit: number): Promise<HistoryLine[]> {
    return this.files.newest(limit);
  }

  /** Versions that were rolled back from, ever. */
  async rolledBack(): Promise<ReadonlySet<string>> {
    return (await this.files.look()).history.rolledBack;
  }

  /** Deleted versions, whose numbers stay taken, with the SHA-256 of their models. */
  async takenVersions(): Promise<ReadonlyMap<string, string>> {
    return (await this.files.look()).history.deleted;
  }

  /**
   * Lets an alias name another version; a champion that gives way becomes `previous`. The first change makes the files.
   * @throws RevisionMismatch, AliasesBusy, ReadOnlyModels, or VersionNotFound if the version was deleted.
   */
  async change({ alias, to, gate, ...order }: AliasChange): Promise<Changed> {
    const { model } = this.files;
    if (!ALIAS.test(alias)) throw new BadRequest('bad_request', `"${alias.slice(0, 63)}" cannot be an alias`);
    if (to !== null && !isVersion(to)) throw new VersionNotFound(model, to);
    return this.files.locked(async (lock) => {
      const now = await this.lookFor(order);
      if (to !== null && now.history.deleted.has(to)) throw new VersionNotFound(model, to);
      const aliases = aliasesOf(now, order);
      const { who, reason } = order;
      const champion = aliases.get('champion');
      if (alias !== 'champion' && champion !== undefined && now.history.champion !== champion) {
        // Without it the file that is made for the alias would say that there is no champion.
        const line = { alias: 'champion', from: null, to: champion, who, reason: STANDING, gate: null };
        await this.files.replace(lock, { champion }, { time: time(), ...line });
      }
      const from = aliases.get(alias) ?? null;
      if (alias === 'champion' && from !== null && from !== to) aliases.set('previous', from);
      if (to === null) aliases.delete(alias);
      else aliases.set(alias, to);
      const line = { time: time(), alias, from, to, who, reason, gate };
      await this.files.replace(lock, Object.fromEntries(aliases), line);
      return this.changed();
    });
  }

  /**
   * Makes the champion before the champion again.
   * @throws NothingToRollBack if there is none; RevisionMismatch, AliasesBusy, ReadOnlyModels.
   */
  async rollback(order: Order): Promise<Changed> {
    return this.files.locked(async (lock) => {
      const now = await this.lookFor(order);
      const aliases = aliasesOf(now, order);
      const champion = aliases.get('champion');
      const to = this.before(now, aliases);
      aliases.set('champion', to);
      const previous = now.history.before(to);
      if (previous === undefined) aliases.delete('previous');
      else aliases.set('previous', previous);
      const { who, reason } = order;
      const change = { alias: 'champion', from: champion ?? null, to, who, reason, gate: null } as const;
      const line = { time: time(), ...change, rollback: true } as const;
      await this.files.replace(lock, Object.fromEntries(aliases), line);
      return this.changed();
    });
  }

  /**
   * What a rollback at this moment would make champion, and the revision by which it can be told that the moment is over.
   * @throws NothingToRollBack
   */
  async rollbackTarget(): Promise<{ version: string; revision: number }> {
    const now = await this.files.look();
    const version = this.before(now, aliasesOf(now, {}));
    return { version, revision: now.history.lines };
  }

  /**
   * Notes that a version is deleted, before its folder goes: its number stays taken.
   * @throws VersionInUse while an alias names it; RevisionMismatch, AliasesBusy, ReadOnlyModels.
   */
  async noteDeletion({ version, sha256, ...order }: Deletion): Promise<Changed> {
    return this.files.locked(async (lock) => {
      const aliases = aliasesOf(await this.lookFor(order), order);
      const naming = [...aliases].find(([, named]) => named === version);
      if (naming) throw new VersionInUse(this.files.model, version, naming[0]);
      const { who, reason } = order;
      await this.files.note(lock, [{ time: time(), deleted: version, sha256, who, reason }]);
      return this.changed();
    });
  }

  /**
   * Writes what the history lacks after a kill or an edit by hand, if anything. Makes no history where there is none.
   * @throws AliasesBusy, ReadOnlyModels.
   */
  async settle(): Promise<void> {
    const { state, corrections } = await this.files.look();
    if (state.torn.length > 0 || corrections.length > 0)
      await this.files.locked(async (lock) => this.files.note(lock, []));
  }

  private before({ history }: Look, aliases: ReadonlyMap<string, string>): string {
    const champion = aliases.get('champion');
    const to = aliases.get('previous') ?? (champion && history.before(champion));
    if (to === undefined || to === champion) throw new NothingToRollBack(this.files.model);
    return to;
  }

  private async lookFor({ expected }: Order): Promise<Look> {
    const now = await this.files.look();
    if (expected === 'any' || expected === now.history.lines) return now;
    throw new RevisionMismatch(this.files.model, expected, now.history.lines);
  }

  private async changed(): Promise<Changed> {
    const { aliases, history } = await this.files.look();
    return { ...(aliases && { aliases }), revision: history.lines };
  }
}

/** What holds before a change: the file; where it is broken, what the history says; without either, who answers. */
function aliasesOf(
  { aliases, fault, history }: Look,
  { standing }: Pick<Order, 'standing'>,
): Map<string, string> {
  if (aliases) return new Map(Object.entries(aliases));
  const names = history.named();
  const isVacant = fault !== undefined && history.champion === null;
  const champion = isVacant ? undefined : (history.champion ?? standing);
  if (champion === undefined) return names;
  const previous = history.before(champion);
  if (previous !== undefined) names.set('previous', previous);
  return names.set('champion', champion);
}

function time(): string {
  return new Date().toISOString();
}
